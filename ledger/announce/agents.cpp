#include "ledger/announce/agents.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {

bool AgentDirectory::update(const SiteId& site, const AgentId& agent,
                            const v1::AgentStatus& status) {
    const std::scoped_lock lock(mutex_);
    Entry& entry = sites_[site][agent];
    const bool was = entry.state == v1::AgentStatus::STATE_ONLINE;
    const bool is = status.state() == v1::AgentStatus::STATE_ONLINE;
    entry.state = status.state();
    // A will may come without a name: the last one told stays.
    if (!status.name().empty() && validateText(status.name(), kMaxNameBytes, "name")) {
        entry.name = status.name();
    }
    return was != is;
}

bool AgentDirectory::clear(const SiteId& site, const AgentId& agent) {
    const std::scoped_lock lock(mutex_);
    const auto at = sites_.find(site);
    if (at == sites_.end()) return false;
    const auto entry = at->second.find(agent);
    if (entry == at->second.end()) return false;
    const bool was = entry->second.state == v1::AgentStatus::STATE_ONLINE;
    at->second.erase(entry);
    return was;
}

std::string AgentDirectory::nameOf(const SiteId& site, const AgentId& agent) const {
    const std::scoped_lock lock(mutex_);
    const auto at = sites_.find(site);
    if (at == sites_.end()) return agent.str();
    const auto entry = at->second.find(agent);
    if (entry == at->second.end() || entry->second.name.empty()) return agent.str();
    return entry->second.name;
}

std::uint32_t AgentDirectory::online(const SiteId& site) const {
    const std::scoped_lock lock(mutex_);
    const auto at = sites_.find(site);
    if (at == sites_.end()) return 0;
    return static_cast<std::uint32_t>(std::count_if(
        at->second.begin(), at->second.end(),
        [](const auto& agent) { return agent.second.state == v1::AgentStatus::STATE_ONLINE; }));
}

}  // namespace parlor::ledger
