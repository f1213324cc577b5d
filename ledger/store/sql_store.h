#pragma once

#include <memory>

#include "ledger/store/database_url.h"
#include "ledger/store/sql_catalog.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

// Store over Poco::Data; what differs between databases is in ledger/sql and sql_session.cpp.
// Writers and readers connect when first used, and again after a failure.
class SqlStore final : public Store {
 public:
    explicit SqlStore(DatabaseUrl url);

    Expected<void> migrate() override;
    // An SQLite file has one ledger.
    bool isShared() const override { return url_.dialect != Dialect::sqlite; }
    std::unique_ptr<Writer> makeWriter() override;
    std::unique_ptr<Reader> makeReader() override;
    std::unique_ptr<DispatchReader> makeDispatchReader() override;

 private:
    const DatabaseUrl url_;
    const SqlCatalog catalog_;
};

}  // namespace parlor::ledger
