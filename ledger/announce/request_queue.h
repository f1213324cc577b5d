#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "ledger/announce/announcer.h"
#include "ledger/announce/reply_address.h"
#include "ledger/metrics/metrics.h"
#include "ledger/metrics/request_log.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Requests (rpc/…) that wait for the threads which answer them. All calls from any thread.
class RequestQueue {
 public:
    struct Item {
        topics::Rpc topic;
        v1::Request request;
        ReplyAddress reply;
        bus::Deadline giveUp;     // the caller waits no longer
        std::string traceparent;  // empty: none
    };
    using Answer = std::function<Expected<v1::Response>(const Item&)>;

    // As long as rpc/… lives on the broker (docs/protocol.md).
    static constexpr std::chrono::milliseconds kCallerPatience{30'000};

    // `limit` requests wait; past that: overloaded. References must outlive it.
    RequestQueue(std::size_t limit, Announcer& announcer, Metrics& metrics, RequestLog& log,
                 std::chrono::milliseconds patience = kCallerPatience);

    // What is no request, or has no address of its sender's own, is not taken: why.
    std::optional<Drop> submit(const topics::Rpc& topic, const bus::Message& message);
    // Answers one after another on this thread, until stop() and all that was taken is answered.
    // Whoever waits no longer is passed over; an error becomes the response's failure.
    void serve(const Answer& answer);
    // What comes later is not answered.
    void stop();

 private:
    std::optional<Item> take();
    void fail(const ReplyAddress& reply, const Error& error);

    const std::size_t limit_;
    const std::chrono::milliseconds patience_;
    Announcer& announcer_;
    Metrics& metrics_;
    RequestLog& log_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> items_;  // mutex_
    bool stopping_ = false;   // mutex_
};

}  // namespace parlor::ledger
