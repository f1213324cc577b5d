#include "gateway/edge/transcripts.h"

#include <array>

#include "gateway/edge/ask_ledger.h"
#include "gateway/edge/bodies.h"
#include "gateway/edge/limits.h"
#include "gateway/session/trace.h"

namespace parlor::gateway {
namespace {

struct FileType {
    std::string_view contentType;  // as the ledger says it
    std::string_view headers;
};
// Nothing of what people wrote stands in a header. A browser that shows a page after all runs
// nothing in it.
constexpr std::array kFileTypes{
    FileType{"text/plain; charset=utf-8",
             "Content-Disposition: attachment; filename=\"transcript.txt\"\r\n"},
    FileType{"application/json",
             "Content-Disposition: attachment; filename=\"transcript.json\"\r\n"},
    FileType{"text/html; charset=utf-8",
             "Content-Disposition: attachment; filename=\"transcript.html\"\r\n"
             "Content-Security-Policy: sandbox; default-src 'none'; style-src 'unsafe-inline'\r\n"},
};

const FileType* findType(std::string_view contentType) {
    for (const auto& type : kFileTypes) {
        if (type.contentType == contentType) return &type;
    }
    return nullptr;
}

Error unknownType() { return {Errc::internal, "the ledger made what is not known here"}; }

Response failed(const Services& services, const Error& why) {
    services.stats.transcript(TranscriptStep::failed).add();
    return problem(why);
}

Response noResult() { return problem(404, "not_found", "there is no result"); }

}  // namespace

Awaitable<Response> requestTranscript(Services& services, Exchange& exchange) {
    exchange.traceparent = traceparentFor(exchange.header(kTraceparent));
    auto grant = authoriseConversation(services, exchange);
    if (!grant) co_return std::move(grant.refusal);
    if (auto refused = refuseContentType(exchange)) co_return std::move(*refused);
    auto request = parseTranscript(exchange.request.body());
    if (!request) co_return problem(request.error());
    const auto& conversation = grant.value->conversation;
    if (const auto wait = overRate(services, services.transcripts, conversation, exchange.client)) {
        co_return tooManyRequests(*wait);
    }
    request->set_conversation(conversation.str());
    if (request->request_id().empty()) request->set_request_id(RequestId::generate().str());
    const std::string id = request->request_id();
    exchange.subject = " conversation=" + conversation.str() + " draft=" + id;
    v1::Request question;
    *question.mutable_transcript() = std::move(*request);
    const auto answer = co_await askLedger(services, grant.value->site, question,
                                           limits::kOpenDeadline, exchange.traceparent);
    if (!answer) co_return failed(services, answer.error());
    services.stats.transcript(TranscriptStep::asked).add();
    co_return accepted(id);
}

Awaitable<Response> requestResult(Services& services, Exchange& exchange) {
    auto grant = authorise(services, exchange);
    if (!grant) co_return std::move(grant.refusal);
    const auto request = RequestId::parse(exchange.route.name);
    if (!request) co_return problem(404, "not_found", "no such request");
    const auto& conversation = grant.value->conversation;
    if (const auto wait = overRate(services, services.transcripts, conversation, exchange.client)) {
        co_return tooManyRequests(*wait);
    }
    Response response;
    std::uint32_t parts = 1;  // an empty one has none
    for (std::uint32_t part = 0; part < parts; ++part) {
        const auto status = co_await askStatus(services, *grant.value, *request, part);
        if (!status) co_return failed(services, status.error());
        const v1::JobResponse& job = status->job();
        if (job.state() != v1::JobResponse::STATE_DONE) co_return noResult();
        const FileType* type = findType(job.content_type());
        if (type == nullptr || job.parts() > limits::kResultParts) {
            co_return failed(services, unknownType());
        }
        parts = job.parts();
        response.contentType = type->contentType;
        response.headers = type->headers;
        response.body += job.data();
    }
    services.stats.transcript(TranscriptStep::delivered).add();
    co_return response;
}

Response doneTranscript(const std::string& requestId, const std::string& contentType) {
    const FileType* type = findType(contentType);
    if (type == nullptr) return problem(unknownType());
    return json(200, R"({"request_id":")" + requestId + R"(","status":"done","content_type":")" +
                         std::string(type->contentType) + R"(","result":"/v1/requests/)" +
                         requestId + R"(/result"})");
}

}  // namespace parlor::gateway
