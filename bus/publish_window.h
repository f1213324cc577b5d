#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <unordered_map>

#include "bus/session.h"

namespace parlor::bus::client {

// Publications on their way: a bounded queue, and behind it a window of those that were sent and
// not yet confirmed. Not thread-safe but for reserve().
class PublishWindow {
 public:
    explicit PublishWindow(std::size_t queueLimit) : queueLimit_(queueLimit) {}

    // Any thread: takes a place in the queue, unless all are taken. add() fills it.
    bool reserve();
    void add(std::uint64_t id, Message message, DoneHandler done);

    // How many may be in flight from now on, and the largest packet.
    void setLimits(std::size_t inFlight, std::size_t packetBytes);
    // Sends what the window has room for. False where the connection turns out to be gone.
    bool send(Session& session);

    void onPublished(const Published& published);
    // The connection is gone: what was sent fails with `error`, the rest waits.
    void onBroken(const Error& error);
    // Gives up one; harmless where it is over.
    void expire(std::uint64_t id, const Error& unsent);
    void failAll(const Error& error);

    bool waits(std::uint64_t id) const;
    // Some are sent and not confirmed.
    bool awaitsAnswer() const { return inFlight_ != 0; }
    // Grows with every answer.
    std::uint64_t answers() const { return answers_; }
    bool empty() const { return publications_.empty(); }
    std::size_t size() const { return publications_.size(); }

 private:
    struct Publication {
        Message message;  // as long as it is not sent
        DoneHandler done;
        std::size_t bytes;
        bool sent = false;
    };
    using Publications = std::unordered_map<std::uint64_t, Publication>;

    // A library that looks late at a full socket is given no more than what a socket takes.
    static constexpr std::size_t kMaxBytesInFlight = 256 * 1024;

    bool hasRoom(const Publication& next) const;
    void leaveQueue() { --reserved_; }
    void finish(Publications::iterator publication, const Expected<void>& result);

    const std::size_t queueLimit_;
    std::atomic<std::size_t> reserved_{0};  // any thread

    Publications publications_;
    std::deque<std::uint64_t> queue_;  // in their order; may name some that are over
    std::size_t inFlight_ = 0;
    std::uint64_t answers_ = 0;
    std::size_t bytesInFlight_ = 0;
    std::size_t maxInFlight_ = 1;
    std::size_t maxPacketBytes_ = 0;
};

}  // namespace parlor::bus::client
