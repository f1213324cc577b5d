#include "ledger/announce/request_queue.h"

#include "proto/codec.h"
#include "proto/trace.h"

namespace parlor::ledger {
namespace {

// Of those that are asked about one; nothing where it is not valid.
std::optional<ConversationId> conversationOf(const v1::Request& request) {
    const auto parse = [](const std::string& text) -> std::optional<ConversationId> {
        const auto id = ConversationId::parse(text);
        if (!id) return std::nullopt;
        return *id;
    };
    switch (request.body_case()) {
        case v1::Request::kHistory:
            return parse(request.history().conversation());
        case v1::Request::kStatus:
            return parse(request.status().conversation());
        case v1::Request::kTranscript:
            return parse(request.transcript().conversation());
        case v1::Request::kErase:
            return parse(request.erase().conversation());
        default:
            return std::nullopt;
    }
}

}  // namespace

RequestQueue::RequestQueue(std::size_t limit, Announcer& announcer, Metrics& metrics,
                           RequestLog& log, std::chrono::milliseconds patience)
    : limit_(limit), patience_(patience), announcer_(announcer), metrics_(metrics), log_(log) {}

std::optional<Drop> RequestQueue::submit(const topics::Rpc& topic, const bus::Message& message) {
    auto reply = replyAddress(message, topic.site, topic.caller.str());
    if (!reply) {
        return reply.error() == ReplyFault::correlation ? Drop::correlation : Drop::responseTopic;
    }
    auto request = decode<v1::Request>(message.payload);
    if (!request) return Drop::garbage;
    const auto trace = traceparentOf(message.userProperties);
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return {};
        if (items_.size() < limit_) {
            items_.push_back({topic, std::move(*request), std::move(*reply),
                              bus::Clock::now() + patience_, std::string(trace)});
            wake_.notify_one();
            return {};
        }
    }
    log_.dropped(Drop::overloaded, topic, conversationOf(*request), trace);
    fail(*reply, {Errc::overloaded, "the ledger has too much to do"});
    return {};
}

void RequestQueue::serve(const Answer& answer) {
    while (const auto item = take()) {
        if (bus::Clock::now() > item->giveUp) {
            log_.dropped(Drop::expired, item->topic, conversationOf(item->request),
                         item->traceparent);
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
