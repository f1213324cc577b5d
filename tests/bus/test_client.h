#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.h"

namespace parlor::bus::test {

inline constexpr std::chrono::seconds kLimit{10};  // for whatever must happen

// A bus client whose operations wait for their answers, so that a test reads as a conversation.
// Used by one thread.
class TestClient {
 public:
    // Starts it.
    explicit TestClient(std::unique_ptr<Bus> bus);
    ~TestClient();

    // The next change of state within kLimit, which it takes.
    std::optional<State> nextState();
    // The kind of the next failure to connect within kLimit, which it takes; "none" without one.
    std::string nextConnectFailure();
    bool connects() { return nextState() == State::connected; }
    bool disconnects() { return nextState() == State::disconnected; }

    // Each waits for its done-handler; the deadline is `limit` from now. Errc::internal where the
    // done-handler did not run well after that.
    Expected<void> publish(Message message, Clock::duration limit = kLimit);
    Expected<void> subscribe(std::vector<std::string> filters, Clock::duration limit = kLimit,
                             Qos qos = Qos::atLeastOnce);
    Expected<void> unsubscribe(std::vector<std::string> filters, Clock::duration limit = kLimit);

    // The next message within kLimit, which it takes.
    std::optional<Message> next();
    // Its topics, for whole conversations: "topic=payload", `count` of them.
    std::vector<std::string> take(std::size_t count);
    // All that come before a message that the client sends to itself now: what was confirmed to its
    // publisher by now is among them.
    std::vector<std::string> takeAll();
    // True where no message has come but those taken.
    bool heardNothingElse() { return takeAll().empty(); }

    void stop() { bus_->stop(Clock::now() + kLimit); }
    Bus& bus() { return *bus_; }
    std::size_t handlersRun() const;

 private:
    Handlers handlers();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Message> messages_;       // guarded by mutex_
    std::deque<State> states_;           // guarded by mutex_
    std::deque<Error> connectFailures_;  // guarded by mutex_
    std::size_t handlersRun_ = 0;        // guarded by mutex_
    std::unique_ptr<Bus> bus_;
};

// The result of one operation, whenever it comes. Thread-safe.
struct Answer {
    DoneHandler handler();
    std::optional<Expected<void>> wait(Clock::duration limit);

 private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Expected<void>> result;
    };
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// "ok", or the name of the error: for EXPECT_EQ.
std::string outcome(const Expected<void>& result);

inline Message text(std::string topic, std::string payload) {
    Message message;
    message.topic = std::move(topic);
    message.payload = std::move(payload);
    return message;
}
inline Message retained(std::string topic, std::string payload) {
    Message message = text(std::move(topic), std::move(payload));
    message.retain = true;
    return message;
}

}  // namespace parlor::bus::test
