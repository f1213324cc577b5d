#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ledger/directory/opening_hours.h"
#include "parlor/v1/directory.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

struct DepartmentEntry {
    v1::DepartmentProfile profile;
    OpeningHours hours;
};

// Who works on a site, and when. Whoever is not in it: see Desk.
struct SiteDirectory {
    std::map<DepartmentId, DepartmentEntry> departments;
    std::map<AgentId, v1::AgentProfile> agents;
};

// What administrators said of all sites, in memory. Thread-safe.
class Directory {
 public:
    // Profiles whose ids are none are left out.
    void replace(const SiteId& site, std::span<const v1::DepartmentProfile> departments,
                 std::span<const v1::AgentProfile> agents);
    // Never null; as it is now, for as long as the caller keeps it.
    std::shared_ptr<const SiteDirectory> at(const SiteId& site) const;
    // Those of which something was said.
    std::vector<SiteId> sites() const;

 private:
    mutable std::mutex mutex_;
    std::map<SiteId, std::shared_ptr<const SiteDirectory>> sites_;  // mutex_
    const std::shared_ptr<const SiteDirectory> nobody_ = std::make_shared<SiteDirectory>();
};

}  // namespace parlor::ledger
