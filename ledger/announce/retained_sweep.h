#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "bus/bus.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Asks the broker itself what it retains of a conversation, and clears what of it is not the
// ledger's to tell: the visitor's presence, and live signals, which nobody should retain. Any
// thread; one sweep at a time.
class RetainedSweep {
 public:
    // All that the broker retained, as it was before it was cleared.
    using Found = std::function<void(Expected<std::vector<bus::Message>>)>;

    // The bus must outlive it.
    explicit RetainedSweep(bus::Bus& bus) : bus_(bus) {}

    // Failures: the bus's. Where the connection breaks meanwhile `found` may never be called; nor
    // is it where another sweep begins before.
    void start(const SiteId& site, const ConversationId& conversation, Found found,
               bus::Deadline deadline);
    // To be told of every message of a topic that topics::filters::ledgerRetained() may ask for.
    void onMessage(const topics::Topic& topic, const bus::Message& message);

 private:
    struct Sweep {
        std::uint64_t number = 0;
        SiteId site;
        ConversationId conversation;
        Found found;
        std::vector<bus::Message> messages = {};
    };

    void end(std::uint64_t number, const Expected<void>& done);
    void unsubscribe(const Sweep& sweep);
    void clear(const topics::Topic& topic, bus::DoneHandler done, bus::Deadline deadline);

    bus::Bus& bus_;
    std::mutex mutex_;
    std::uint64_t newest_ = 0;    // mutex_
    std::optional<Sweep> sweep_;  // mutex_
};

}  // namespace parlor::ledger
