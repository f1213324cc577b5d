#include "ledger/announce/request_queue.h"

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

// As long as rpc/… lives on the broker (docs/protocol.md).
constexpr std::chrono::seconds kCallerPatience{30};

}  // namespace

RequestQueue::RequestQueue(std::size_t limit, Announcer& announcer, Metrics& metrics)
    : limit_(limit), announcer_(announcer), metrics_(metrics) {}

std::optional<Drop> RequestQueue::submit(const topics::Rpc& topic, const bus::Message& message) {
    auto reply = replyAddress(message, topic.site, topic.caller.str());
    if (!reply) {
        return reply.error() == ReplyFault::correlation ? Drop::correlation : Drop::responseTopic;
    }
    auto request = decode<v1::Request>(message.payload);
    if (!request) return Drop::garbage;
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return {};
        if (items_.size() < limit_) {
            items_.push_back({topic, std::move(*request), std::move(*reply),
                              bus::Clock::now() + kCallerPatience});
            wake_.notify_one();
            return {};
        }
    }
    metrics_.dropped(Drop::overloaded);
    fail(*reply, {Errc::overloaded, "the ledger has too much to do"});
    return {};
}

void RequestQueue::serve(const Answer& answer) {
    while (const auto item = take()) {
        if (bus::Clock::now() > item->giveUp) {
            metrics_.dropped(Drop::expired);
            continue;
        }
        metrics_.request();
        const auto response = answer(*item);
        if (response) {
            announcer_.reply(item->reply, *response);
        } else {
            fail(item->reply, response.error());
        }
    }
}

void RequestQueue::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

std::optional<RequestQueue::Item> RequestQueue::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !items_.empty() || stopping_; });
    if (items_.empty()) return std::nullopt;
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    return item;
}

void RequestQueue::fail(const ReplyAddress& reply, const Error& error) {
    v1::Response response;
    *response.mutable_failure() = toFailure(error);
    announcer_.reply(reply, response);
}

}  // namespace parlor::ledger
