#include "ledger/announce/agents.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {

bool AgentDirectory::update(const SiteId& site, const AgentId& agent, const v1::AgentStatus& status,
                            std::chrono::seconds lease) {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entryOf(site, agent);
    const auto before = current(entry).state;
    Presence& said = entry.presence;
    // A will may come without a name: the last one told stays.
    if (!status.name().empty() && validateText(status.name(), kMaxNameBytes, "name")) {
        said.name = status.name();
    }
    const bool more = status.capacity() > said.capacity;
    if (status.capacity() != 0) said.capacity = status.capacity();
    said.state = status.state();
    entry.endsAt = now() + (lease.count() == 0 ? options_.lease : lease);
    if (before == said.state) return more;
    said.since = now();
    return true;
}

bool AgentDirectory::clear(const SiteId& site, const AgentId& agent) {
    v1::AgentStatus gone;
    gone.set_state(v1::AgentStatus::STATE_OFFLINE);
    return update(site, agent, gone);
}

void AgentDirectory::gave(const SiteId& site, const AgentId& agent, std::int64_t atMs) {
    const std::scoped_lock lock(mutex_);
    auto& last = entryOf(site, agent).presence.givenAtMs;
    last = std::max(last, atMs);
}

void AgentDirectory::connected() {
    const std::scoped_lock lock(mutex_);
    connectedAt_ = now();
}

void AgentDirectory::disconnected() {
    const std::scoped_lock lock(mutex_);
    for (auto& [site, agents] : sites_) {
        for (auto& [agent, entry] : agents) entry.presence = current(entry);
    }
    connectedAt_.reset();
}

AgentDirectory::Entry& AgentDirectory::entryOf(const SiteId& site, const AgentId& agent) {
    const auto [at, added] = sites_[site].try_emplace(agent);
    if (added) at->second.endsAt = now() + options_.lease;
    return at->second;
}

AgentDirectory::Presence AgentDirectory::current(const Entry& entry) const {
    Presence presence = entry.presence;
    if (!connectedAt_ || presence.state == v1::AgentStatus::STATE_OFFLINE) return presence;
    const auto endsAt = std::max(entry.endsAt, *connectedAt_ + options_.lease);
    if (now() < endsAt) return presence;
    presence.state = v1::AgentStatus::STATE_OFFLINE;
    presence.since = endsAt;
    return presence;
}

AgentDirectory::Presence AgentDirectory::presence(const SiteId& site, const AgentId& agent) const {
    const std::scoped_lock lock(mutex_);
    const auto at = sites_.find(site);
    if (at == sites_.end()) return {};
    const auto entry = at->second.find(agent);
    return entry == at->second.end() ? Presence() : current(entry->second);
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
            if (current(entry).state == v1::AgentStatus::STATE_ONLINE) online.push_back(agent);
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
            const Presence presence = current(entry);
            if (presence.state == v1::AgentStatus::STATE_OFFLINE) {
                absent.push_back({site, agent, presence.since, presence.givenAtMs});
            }
        }
    }
    return absent;
}

}  // namespace parlor::ledger
