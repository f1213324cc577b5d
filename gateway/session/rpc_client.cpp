#include "gateway/session/rpc_client.h"

#include "gateway/session/trace.h"

namespace parlor::gateway {
namespace {

constexpr std::chrono::seconds kExpiry{30};

topics::Method methodOf(const v1::Request& request) {
    switch (request.body_case()) {
        case v1::Request::kOpen:
            return topics::Method::open;
        case v1::Request::kHistory:
            return topics::Method::history;
        case v1::Request::kTranscript:
            return topics::Method::transcript;
        default:
            return topics::Method::status;
    }
}

bool fits(const v1::Request& request, const v1::Response& response) {
    switch (request.body_case()) {
        case v1::Request::kOpen:
            return response.has_open();
        case v1::Request::kHistory:
            return response.has_history();
        case v1::Request::kTranscript:
            return response.has_job();
        default:
            return response.has_status();
    }
}

}  // namespace

struct RpcClient::Call {
    SiteId site;
    v1::Request request;
    Answer answer;
    Time deadline;
    std::string traceparent;
    ReplyRouter::Ticket ticket = ReplyRouter::Ticket::none;
    Expected<v1::Response> refused = Error{Errc::deadline, "the ledger did not answer in time"};
    std::unique_ptr<Timer> timer;
};

RpcClient::RpcClient(ShardBus& bus, TimerWheel& wheel, ReplyRouter& replies, Stats& stats)
    : bus_(bus), wheel_(wheel), replies_(replies), stats_(stats) {}

RpcClient::~RpcClient() = default;

void RpcClient::call(const SiteId& site, const v1::Request& request, Answer answer,
                     Duration deadline, std::string traceparent) {
    const std::uint64_t id = ++last_;
    auto call =
        std::make_unique<Call>(Call{.site = site, .request = request, .answer = std::move(answer)});
    call->timer = std::make_unique<Timer>([this, id] { onTimer(id); });
    call->deadline = wheel_.now() + deadline;
    call->traceparent = std::move(traceparent);
    Call& added = *calls_.emplace(id, std::move(call)).first->second;
    if (!bus_.connected() || calls_.size() > kMaxCalls) {
        added.refused = bus_.connected() ? Error{Errc::overloaded, "too many questions under way"}
                                         : Error{Errc::unavailable, "no connection to the broker"};
        added.deadline = wheel_.now();
        return wheel_.arm(*added.timer, added.deadline);
    }
    added.ticket =
        replies_.expect([this, id](const v1::Response& response) { onResponse(id, response); });
    publish(added);
}

void RpcClient::publish(Call& call) {
    const Time now = wheel_.now();
    bus::Message message{.topic = topics::format(topics::Rpc{call.site, methodOf(call.request),
                                                             *CallerId::parse(kGatewayCaller)}),
                         .payload = encode(call.request),
                         .expiry = kExpiry};
    if (!call.traceparent.empty()) {
        message.userProperties.emplace_back(kTraceparent, call.traceparent);
    }
    replies_.address(message, call.site, call.ticket);
    bus_.publish(std::move(message), nullptr, call.deadline);
    wheel_.arm(*call.timer, std::min(call.deadline, now + kRepeatAfter));
}

void RpcClient::onTimer(std::uint64_t id) {
    Call& call = *calls_.at(id);
    if (wheel_.now() >= call.deadline) return finish(id, std::move(call.refused));
    publish(call);
}

void RpcClient::onResponse(std::uint64_t id, const v1::Response& response) {
    Call& call = *calls_.at(id);
    if (response.has_failure()) {
        const Error error = toError(response.failure());
        // A ledger whose database is away for a moment says so; the deadline bounds the patience.
        if (error.code == Errc::unavailable) {
            call.refused = error;
            return;
        }
        return finish(id, error);
    }
    if (!fits(call.request, response)) return stats_.dropped(Drop::malformed).add();
    finish(id, response);
}

void RpcClient::finish(std::uint64_t id, Expected<v1::Response> result) {
    const auto found = calls_.find(id);
    const std::unique_ptr<Call> call = std::move(found->second);
    calls_.erase(found);
    replies_.forget(call->ticket);
    call->answer(std::move(result));
}

void RpcClient::history(const SiteId& site, const ConversationId& conversation, std::uint64_t after,
                        HistorySource::Answer answer) {
    v1::Request request;
    auto& history = *request.mutable_history();
    history.set_conversation(conversation.str());
    history.set_stream(v1::STREAM_SHARED);
    history.set_after_seq(after);
    history.set_limit(kHistoryPage);
    call(
        site, request,
        [answer = std::move(answer)](Expected<v1::Response> response) {
            if (!response) return answer(response.error());
            answer(std::move(*response->mutable_history()));
        },
        kHistoryDeadline);
}

}  // namespace parlor::gateway
