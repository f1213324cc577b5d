#include "ledger/announce/agents.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {

bool AgentDirectory::update(const SiteId& site, const AgentId& agent,
                            const v1::AgentStatus& status) {
    const std::scoped_lock lock(mutex_);
    Presence& entry = sites_[site][agent];
    // A will may come without a name: the last one told stays.
    if (!status.name().empty() && validateText(status.name(), kMaxNameBytes, "name")) {
        entry.name = status.name();
    }
    const bool more = status.capacity() > entry.capacity;
    if (status.capacity() != 0) entry.capacity = status.capacity();
    if (entry.state == status.state()) return more;
    entry.state = status.state();
    entry.since = Clock::now();
    return true;
}

bool AgentDirectory::clear(const SiteId& site, const AgentId& agent) {
    v1::AgentStatus gone;
    gone.set_state(v1::AgentStatus::STATE_OFFLINE);
    return update(site, agent, gone);
}

void AgentDirectory::gave(const SiteId& site, const AgentId& agent, std::int64_t atMs) {
    const std::scoped_lock lock(mutex_);
    auto& last = sites_[site][agent].givenAtMs;
    last = std::max(last, atMs);
}

AgentDirectory::Presence AgentDirectory::presence(const SiteId& site, const AgentId& agent) const {
    const std::scoped_lock lock(mutex_);
    const auto at = sites_.find(site);
    if (at == sites_.end()) return {};
    const auto entry = at->second.find(agent);
    return entry == at->second.end() ? Presence() : entry->second;
}

std::string AgentDirectory::nameOf(const SiteId& site, const AgentId& agent) const {
    auto name = presence(site, agent).name;
    return name.empty() ? agent.str() : name;
}

std::vector<AgentId> AgentDirectory::onlineAgents(const SiteId& site) const {
    std::vector<AgentId> online;
    {
        const std::scoped_lock lock(mutex_);
        const auto at = sites_.find(site);
        if (at == sites_.end()) return online;
        for (const auto& [agent, entry] : at->second) {
            if (entry.state == v1::AgentStatus::STATE_ONLINE) online.push_back(agent);
        }
    }
    std::sort(online.begin(), online.end());
    return online;
}

std::vector<AgentDirectory::Absent> AgentDirectory::absent() const {
    std::vector<Absent> absent;
    const std::scoped_lock lock(mutex_);
    for (const auto& [site, agents] : sites_) {
        for (const auto& [agent, entry] : agents) {
            if (entry.state == v1::AgentStatus::STATE_OFFLINE) {
                absent.push_back({site, agent, entry.since, entry.givenAtMs});
            }
        }
    }
    return absent;
}

}  // namespace parlor::ledger
