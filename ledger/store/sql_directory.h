#pragma once

#include "ledger/store/directory.h"
#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

// Writes the deed, inside a transaction. May throw Poco::Exception.
void writeDeed(SqlSession& session, const Deed& deed);

class SqlDirectory final : public DirectoryStore {
 public:
    explicit SqlDirectory(SqlDatabase& database) : connection_(database, SessionUse::write) {}

    Expected<std::uint64_t> version() override;
    Expected<DirectoryState> all() override;
    Expected<std::uint64_t> save(const EntryKey& key, const std::string& bytes,
                                 std::uint64_t ifVersion, const Deed& deed) override;
    Expected<std::uint64_t> remove(const EntryKey& key, const Deed& deed) override;
    Expected<void> note(const Deed& deed) override;
    Expected<std::vector<AuditEntry>> audit(const SiteId& site, const Ulid& before,
                                            std::uint32_t limit) override;

 private:
    SqlConnection connection_;
};

}  // namespace parlor::ledger
