#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parlor/v1/state.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

// What the agents said of themselves on a/{agent}/status, and when they were given something.
//
// A status is a lease: it holds until it has not been renewed for so long, and its agent counts as
// offline from then on; likewise one who was given something and has said nothing. No lease ends
// while the broker is away, since nobody can renew then, and each is a whole one again when it is
// back. That an agent is offline holds until it says otherwise. Thread-safe.
class AgentDirectory {
 public:
    using Clock = std::chrono::steady_clock;

    struct Options {
        // How long a status holds that does not say so itself (docs/protocol.md).
        std::chrono::milliseconds lease{90'000};
        std::function<Clock::time_point()> now = Clock::now;
    };

    struct Presence {
        v1::AgentStatus::State state = v1::AgentStatus::STATE_UNSPECIFIED;  // said nothing yet
        std::string name;
        std::uint32_t capacity = 0;  // 0: said nothing of it
        Clock::time_point since;     // of its state
        std::int64_t givenAtMs = 0;  // Unix time
    };
    struct Absent {
        SiteId site;
        AgentId agent;
        Clock::time_point since;
        std::int64_t givenAtMs = 0;
    };

    AgentDirectory() : AgentDirectory(Options()) {}
    explicit AgentDirectory(Options options) : options_(std::move(options)) {}

    // A new status, or one renewed; it holds for `lease`, 0 for the usual time. True where its
    // state changed, or it takes more than before.
    bool update(const SiteId& site, const AgentId& agent, const v1::AgentStatus& status,
                std::chrono::seconds lease = {});
    // Its status was taken away: it is gone.
    bool clear(const SiteId& site, const AgentId& agent);
    // It was given a conversation.
    void gave(const SiteId& site, const AgentId& agent, std::int64_t atMs);
    // The broker is there, or away, which it is at first.
    void connected();
    void disconnected();

    // The clock that every `since` is of.
    Clock::time_point now() const { return options_.now(); }

    // The name to be shown; the id where none is known.
    std::string nameOf(const SiteId& site, const AgentId& agent) const;
    Presence presence(const SiteId& site, const AgentId& agent) const;
    // Those that are online (not away, busy or offline), by id.
    std::vector<AgentId> onlineAgents(const SiteId& site) const;
    // Those that are offline: said so, took back what they had said, or did not renew it.
    std::vector<Absent> absent() const;

 private:
    struct Entry {
        Presence presence;         // as it was said
        Clock::time_point endsAt;  // of the lease
    };

    Entry& entryOf(const SiteId& site, const AgentId& agent);
    // As it is now: offline where the lease ran out.
    Presence current(const Entry& entry) const;

    const Options options_;
    mutable std::mutex mutex_;  // guards all below
    std::unordered_map<SiteId, std::unordered_map<AgentId, Entry>> sites_;
    std::optional<Clock::time_point> connectedAt_;
};

}  // namespace parlor::ledger
