#include "gateway/edge/calls.h"

#include <algorithm>

#include "gateway/edge/ask_ledger.h"
#include "gateway/edge/bodies.h"
#include "gateway/edge/limits.h"
#include "gateway/edge/once.h"
#include "gateway/edge/transcripts.h"
#include "gateway/session/trace.h"
#include "proto/cursor.h"

namespace parlor::gateway {
namespace {

using Outcome = PostBroker::Outcome;

// While an outcome is waited for.
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLastPause{1000};

bool isJson(std::string_view contentType) {
    constexpr std::string_view kJson = "application/json";
    return beast::iequals({contentType.data(), std::min(contentType.size(), kJson.size())},
                          {kJson.data(), kJson.size()}) &&
           (contentType.size() == kJson.size() || contentType[kJson.size()] == ';' ||
            contentType[kJson.size()] == ' ');
}

bool prefersAsync(const Exchange& exchange) {
    return exchange.header(http::field::prefer).find("respond-async") != std::string_view::npos;
}

// What became of a post, as the answer to the post itself.
Response outcomeOf(const std::string& requestId, const Outcome& outcome) {
    if (!outcome) return problem(outcome.error());
    return json(201, "{" + recordedMembers(requestId, *outcome) + "}");
}

// The same, as an answer about it.
Response reportOf(const std::string& requestId, const Outcome& outcome) {
    if (!outcome) {
        return json(200, R"({"request_id":")" + requestId + R"(","status":"failed","problem":)" +
                             problemJson(outcome.error()) + "}");
    }
    return json(200, R"({"status":"recorded",)" + recordedMembers(requestId, *outcome) + "}");
}

Response pending(const std::string& requestId) {
    return json(200, R"({"request_id":")" + requestId + R"(","status":"pending"})");
}

// Of a transcript.
Response reportOf(const std::string& requestId, const v1::JobResponse& job) {
    switch (job.state()) {
        case v1::JobResponse::STATE_DONE:
            return doneTranscript(requestId, job.content_type());
        case v1::JobResponse::STATE_FAILED:
            return reportOf(requestId, Outcome(toError(job.failure())));
        default:
            return pending(requestId);
    }
}

bool isOver(const v1::JobResponse& job) {
    return job.state() == v1::JobResponse::STATE_DONE ||
           job.state() == v1::JobResponse::STATE_FAILED;
}

// Asks the ledger what became of a request, again and again until there is an outcome or `until`.
Awaitable<Response> askOutcome(Services& services, const Grant& grant, const RequestId& request,
                               Time until) {
    for (Duration pause = kFirstPause;; pause = std::min<Duration>(2 * pause, kLastPause)) {
        const auto answer = co_await askStatus(services, grant, request);
        if (!answer) co_return problem(answer.error());
        const v1::StatusResponse& status = *answer;
        if (status.has_receipt()) {
            const v1::Receipt& receipt = status.receipt();
            co_return reportOf(request.str(), receipt.has_recorded()
                                                  ? Outcome(receipt.recorded())
                                                  : Outcome(toError(receipt.failure())));
        }
        if (isOver(status.job())) {
            const bool failed = status.job().state() == v1::JobResponse::STATE_FAILED;
            if (failed) services.stats.transcript(TranscriptStep::failed).add();
            co_return reportOf(request.str(), status.job());
        }
        const auto left = until - services.wheel.now();
        if (left <= Duration::zero() || services.draining) co_return pending(request.str());
        auto nothing = Once<bool>::make(services.io);
        co_await nothing->wait(std::min(left, pause));
    }
}

}  // namespace

std::optional<Response> refuseContentType(const Exchange& exchange) {
    if (isJson(exchange.header(http::field::content_type))) return {};
    return problem(415, "malformed", "the body must be application/json");
}

Awaitable<Response> openConversation(Services& services, Exchange& exchange) {
    exchange.traceparent = traceparentFor(exchange.header(kTraceparent));
    auto site = admitSite(services, exchange, exchange.route.name);
    if (!site) co_return std::move(site.refusal);
    if (auto refused = refuseContentType(exchange)) co_return std::move(*refused);
    auto request = parseOpen(exchange.request.body());
    if (!request) co_return problem(request.error());
    if (const auto wait = overRate(services, services.opens, exchange.client)) {
        co_return tooManyRequests(*wait);
    }
    if (request->request_id().empty()) request->set_request_id(RequestId::generate().str());
    // Who asks again gets the same conversation, whichever replica it asks.
    const auto id = *RequestId::parse(request->request_id());
    const auto conversation = services.tokens.conversationOf(*site.value, id);
    request->set_conversation(conversation.str());
    request->set_request_id(services.tokens.recordedRequest(*site.value, id).str());
    exchange.subject = " conversation=" + conversation.str();
    const auto agent = exchange.header(http::field::user_agent).substr(0, kMaxNameBytes);
    if (isUtf8(agent)) request->mutable_visitor()->set_user_agent(std::string(agent));
    if (auto ok = validate(*request); !ok) co_return problem(ok.error());

    v1::Request question;
    *question.mutable_open() = std::move(*request);
    const auto answer = co_await askLedger(services, *site.value, question, limits::kOpenDeadline,
                                           exchange.traceparent);
    if (!answer) co_return problem(answer.error());
    const v1::Recorded& recorded = answer->open().recorded();
    const std::string cursor = Cursor{recorded.epoch(), recorded.seq()}.str();
    co_return json(201, R"({"conversation":")" + conversation.str() + R"(","token":")" +
                            services.tokens.sign(*site.value, conversation) + R"(","cursor":")" +
                            cursor + R"("})");
}

Awaitable<Response> postEvent(Services& services, Exchange& exchange) {
    exchange.traceparent = traceparentFor(exchange.header(kTraceparent));
    auto grant = authoriseConversation(services, exchange);
    if (!grant) co_return std::move(grant.refusal);
    if (auto refused = refuseContentType(exchange)) co_return std::move(*refused);
    auto draft = parseDraft(exchange.request.body());
    if (!draft) co_return problem(draft.error());

    const ConversationId conversation = grant.value->conversation;
    if (const auto wait = overRate(services, services.postRates, conversation, exchange.client)) {
        co_return tooManyRequests(*wait);
    }
    const std::string id = draft->request_id();
    exchange.subject = " conversation=" + conversation.str() + " draft=" + id;
    const bool async = prefersAsync(exchange);
    auto outcome = Once<Outcome>::make(services.io);
    PostBroker::OnOutcome onOutcome;
    if (!async) onOutcome = [outcome](const Outcome& what) { outcome->set(what); };
    const auto submitted = services.posts.submit(grant.value->site, conversation, std::move(*draft),
                                                 std::move(onOutcome), exchange.traceparent);
    if (submitted.outcome) co_return outcomeOf(id, *submitted.outcome);
    if (async) co_return accepted(id);
    const auto known = co_await outcome->wait(limits::kReceiptWait);
    if (known) co_return outcomeOf(id, *known);
    services.posts.unwatch(conversation, *RequestId::parse(id), submitted.watch);
    co_return accepted(id);
}

Awaitable<Response> requestStatus(Services& services, Exchange& exchange) {
    auto grant = authorise(services, exchange);
    if (!grant) co_return std::move(grant.refusal);
    const auto request = RequestId::parse(exchange.route.name);
    if (!request) co_return problem(404, "not_found", "no such request");
    const auto wait = exchange.target.wait(limits::kMaxRequestWait);
    if (!wait) co_return problem(wait.error());
    const Time until = services.wheel.now() + *wait;

    auto outcome = Once<Outcome>::make(services.io);
    const auto known = services.posts.watch(grant.value->conversation, *request,
                                            [outcome](const Outcome& what) { outcome->set(what); });
    if (!known) co_return co_await askOutcome(services, *grant.value, *request, until);
    if (known->outcome && !*known->outcome && known->outcome->error().code == Errc::deadline) {
        // Given up here, but the ledger may have it.
        co_return co_await askOutcome(services, *grant.value, *request, until);
    }
    if (known->outcome) co_return reportOf(request->str(), *known->outcome);
    const auto what = co_await outcome->wait(*wait);
    if (what) co_return reportOf(request->str(), *what);
    services.posts.unwatch(grant.value->conversation, *request, known->watch);
    co_return pending(request->str());
}

Response serveLocally(Services& services, const Exchange& exchange) {
    constexpr std::string_view kText = "text/plain; charset=utf-8";
    Response response;
    response.contentType = kText;
    switch (exchange.route.call) {
        case Call::healthz:
            response.body = "ok\n";
            return response;
        case Call::readyz: {
            const std::string reason = services.notReady();
            if (!reason.empty()) return problem(503, "unavailable", reason);
            response.body = "ready\n";
            return response;
        }
        case Call::metrics:
            response.contentType = "text/plain; version=0.0.4; charset=utf-8";
            response.body = services.metrics();
            return response;
        default:
            return services.files.get(exchange.route.name,
                                      exchange.header(http::field::if_none_match));
    }
}

}  // namespace parlor::gateway
