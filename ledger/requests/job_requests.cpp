#include <boost/algorithm/string/case_conv.hpp>
#include <locale>

#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

// Small letters of ASCII, as the record has them.
std::string lowered(const std::string& text) {
    return boost::algorithm::to_lower_copy(text, std::locale::classic());
}

Expected<std::string> subjectOf(const v1::EraseRequest& request) {
    switch (request.what_case()) {
        case v1::EraseRequest::kConversation: {
            const auto id = ConversationId::parse(request.conversation());
            if (!id) return id.error();
            // Not a transcript of it, which would go with it.
            return std::string();
        }
        case v1::EraseRequest::kVisitorEmail:
            if (request.visitor_email().empty()) return malformed("visitor_email: empty");
            if (auto ok = validateText(request.visitor_email(), kMaxNameBytes, "visitor_email");
                !ok) {
                return ok.error();
            }
            return std::string();
        case v1::EraseRequest::WHAT_NOT_SET:
            break;
    }
    return malformed("erase: what");
}

Expected<void> checkLanguage(const v1::TranscriptRequest& request) {
    if (v1::TranscriptRequest::Language_IsValid(request.language())) return {};
    return malformed("transcript.language: no such language");
}

Expected<std::string> subjectOf(const v1::TranscriptRequest& request) {
    const auto id = ConversationId::parse(request.conversation());
    if (!id) return id.error();
    if (!v1::TranscriptRequest::Format_IsValid(request.format())) {
        return malformed("transcript.format: no such format");
    }
    if (auto ok = checkLanguage(request); !ok) return ok.error();
    if (!request.request_id().empty()) {
        return malformed("transcript.request_id: only for gateways");
    }
    return id->str();
}

}  // namespace

Expected<v1::Response> answerNewJob(JobStore& jobs, const Caller& caller,
                                    const v1::Request& request) {
    v1::Request kept = request;
    Deed deed{caller.site, caller.id.str(), std::string(actionOf(request)), {}};
    Expected<std::string> subject = std::string();
    if (request.has_transcript()) {
        subject = subjectOf(request.transcript());
        if (subject) deed.target = *subject;
    } else if (request.has_report()) {
        deed.action.clear();  // nobody's data
    } else {
        subject = subjectOf(request.erase());
        auto& erase = *kept.mutable_erase();
        if (erase.has_visitor_email()) erase.set_visitor_email(lowered(erase.visitor_email()));
        deed.action.clear();  // each conversation is written down when it is erased
    }
    if (!subject) return subject.error();
    const Job job{Ulid::generate(), caller.site, caller.id.str(), *subject, encode(kept)};
    if (auto done = jobs.add(job, deed); !done) return done.error();
    v1::Response response;
    response.mutable_job()->set_id(job.id.str());
    response.mutable_job()->set_state(v1::JobResponse::STATE_PENDING);
    return response;
}

Expected<v1::Response> answerVisitorsTranscript(JobStore& jobs, const Caller& caller,
                                                const v1::TranscriptRequest& request) {
    const auto conversation = ConversationId::parse(request.conversation());
    if (!conversation) return conversation.error();
    const auto id = RequestId::parse(request.request_id());
    if (!id) return id.error();
    if (auto ok = checkLanguage(request); !ok) return ok.error();
    v1::Request kept;
    auto& transcript = *kept.mutable_transcript();
    transcript.set_conversation(conversation->str());
    transcript.set_format(request.format());
    transcript.set_language(request.language());
    transcript.set_request_id(id->str());
    const Job job{Ulid::generate(), caller.site, visitorOwner(*conversation, *id),
                  conversation->str(), encode(kept)};
    if (auto done = jobs.addOnce(job); !done) return done.error();
    v1::Response response;
    response.mutable_job()->set_id(id->str());
    response.mutable_job()->set_state(v1::JobResponse::STATE_PENDING);
    return response;
}

Expected<v1::Response> answerJob(JobStore& jobs, const Caller& caller,
                                 const v1::JobRequest& request) {
    const auto id = Ulid::parse(request.id());
    if (!id) return malformed("job.id: " + id.error().text);
    const auto status = jobs.status(caller.site, caller.id.str(), *id, request.part());
    if (!status) return status.error();
    v1::Response response;
    *response.mutable_job() = toResponse(*status);
    response.mutable_job()->set_id(id->str());
    return response;
}

}  // namespace parlor::ledger
