#pragma once

// Stands in for the ledger where only the gateway is measured: opens conversations, publishes
// events that look like the ledger's, answers history, and forgets all but the newest of them.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/bus.h"
#include "proto/codec.h"
#include "proto/ids.h"

namespace parlor::bench {

class StandIn {
 public:
    static constexpr std::size_t kKept = 16;         // events of a conversation
    static constexpr std::size_t kMaxWaiting = 256;  // publications that open() has under way

    // `bus` is not started yet; stop() or the destructor ends it.
    StandIn(std::unique_ptr<bus::Bus> bus, SiteId site);
    ~StandIn();
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

    // Starts, and waits for the bus. Throws std::runtime_error where it does not connect in 10 s.
    void start();
    // Opens `count` more: event 1 of each is retained when it returns. Throws std::runtime_error
    // where the bus refuses. One thread at a time.
    std::vector<ConversationId> open(std::size_t count);
    // The next event of a conversation. False for one that open() did not give. Any thread.
    bool publish(const ConversationId& conversation, std::string_view text);

 private:
    struct Recorded {
        std::int64_t atMs = 0;
        std::string text;
    };
    struct Conversation {
        std::string id;
        std::string topic;
        std::uint64_t head = 0;
        std::array<Recorded, kKept> newest;  // event n at n % kKept
    };

    // Records it and gives the message that tells of it.
    bus::Message record(Conversation& conversation, std::string_view text);
    // Makes event_ the conversation's event `seq`.
    void fill(const Conversation& conversation, std::uint64_t seq);
    void onRequest(const bus::Message& message);
    v1::Response answer(const v1::Request& request);

    const SiteId site_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool connected_ = false;   // guarded by mutex_
    std::size_t waiting_ = 0;  // guarded by mutex_: publications of open()
    std::string failure_;      // guarded by mutex_
    std::unordered_map<ConversationId, Conversation> conversations_;  // guarded by mutex_
    v1::Event event_;  // guarded by mutex_: what an event is made in, so that its memory is reused
    const std::unique_ptr<bus::Bus> bus_;  // last: its handlers use all of the above
};

}  // namespace parlor::bench
