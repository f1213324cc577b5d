#pragma once

#include "ledger/store/sql_connection.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

class SqlWriter final : public Writer {
 public:
    SqlWriter(const DatabaseUrl& url, const SqlCatalog& catalog)
        : connection_(url, catalog, SessionUse::write) {}

    Expected<void> record(const Scope& scope, const Decide& decide) override;

 private:
    SqlConnection connection_;
};

}  // namespace parlor::ledger
