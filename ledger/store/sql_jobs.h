#pragma once

#include "ledger/store/jobs.h"
#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

class SqlJobs final : public JobStore {
 public:
    explicit SqlJobs(SqlDatabase& database) : connection_(database, SessionUse::write) {}

    Expected<void> add(const Job& job, const Deed& deed) override;
    Expected<void> addOnce(const Job& job) override;
    Expected<std::optional<Job>> claim(std::int64_t nowMs, std::int64_t leaseMs) override;
    Expected<void> keep(const Ulid& id, std::uint32_t number, const std::string& piece,
                        std::int64_t leaseMs) override;
    Expected<void> release(const Ulid& id) override;
    Expected<void> finish(const Ulid& id, const Expected<JobResult>& result) override;
    Expected<JobStatus> status(const SiteId& site, const std::string& owner, const Ulid& id,
                               std::uint32_t part) override;
    Expected<JobStatus> visitorStatus(const SiteId& site, const ConversationId& conversation,
                                      const RequestId& request, std::uint32_t part) override;
    Expected<void> forget(const Ulid& before) override;

 private:
    SqlConnection connection_;
};

}  // namespace parlor::ledger
