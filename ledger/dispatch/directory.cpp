#include "ledger/dispatch/directory.h"

namespace parlor::ledger {

void Directory::replace(const SiteId& site, std::span<const v1::DepartmentProfile> departments,
                        std::span<const v1::AgentProfile> agents) {
    auto made = std::make_shared<SiteDirectory>();
    for (const auto& profile : departments) {
        const auto id = DepartmentId::parse(profile.id());
        if (id)
            made->departments.insert_or_assign(*id,
                                               DepartmentEntry{profile, OpeningHours(profile)});
    }
    for (const auto& profile : agents) {
        const auto id = AgentId::parse(profile.id());
        if (id) made->agents.insert_or_assign(*id, profile);
    }
    const std::scoped_lock lock(mutex_);
    sites_.insert_or_assign(site, std::move(made));
}

std::shared_ptr<const SiteDirectory> Directory::at(const SiteId& site) const {
    const std::scoped_lock lock(mutex_);
    const auto found = sites_.find(site);
    return found == sites_.end() ? nobody_ : found->second;
}

std::vector<SiteId> Directory::sites() const {
    const std::scoped_lock lock(mutex_);
    std::vector<SiteId> all;
    for (const auto& [site, directory] : sites_) all.push_back(site);
    return all;
}

}  // namespace parlor::ledger
