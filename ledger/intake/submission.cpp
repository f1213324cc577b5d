#include "ledger/intake/submission.h"

#include "ledger/dispatch/desk.h"
#include "proto/codec.h"
#include "proto/trace.h"

namespace parlor::ledger {
namespace {

// As long as in/… and rpc/… live on the broker (docs/protocol.md).
constexpr std::chrono::seconds kSenderPatience{30};
// By then dispatch had better look again.
constexpr std::chrono::seconds kCommandPatience{5};

Drop toDrop(ReplyFault fault) {
    return fault == ReplyFault::correlation ? Drop::correlation : Drop::responseTopic;
}

std::string traceOf(const bus::Message& message) {
    return std::string(traceparentOf(message.userProperties));
}

CheckedDraft check(v1::Draft&& draft) {
    auto valid = validate(draft);
    auto request =
        valid ? RequestId::parse(draft.request_id()) : Expected<RequestId>(valid.error());
    return {std::move(draft), std::move(request)};
}

Received receive(const SiteId& site, const ConversationId& conversation,
                 const std::optional<AgentId>& agent, const bus::Message& message) {
    const auto reply =
        replyAddress(message, site, agent ? std::string_view(agent->str()) : kGatewayCaller);
    if (!reply) return toDrop(reply.error());
    auto post = decode<v1::Post>(message.payload);
    if (!post) return Drop::garbage;
    if (post->drafts_size() == 0 || post->drafts_size() > static_cast<int>(kMaxDraftsPerPost)) {
        return Refusal{*reply, validate(*post).error(), traceOf(message)};
    }
    std::vector<CheckedDraft> drafts;
    drafts.reserve(static_cast<std::size_t>(post->drafts_size()));
    for (auto& draft : *post->mutable_drafts()) drafts.push_back(check(std::move(draft)));
    return Submission{site,
                      conversation,
                      agent,
                      std::move(drafts),
                      *reply,
                      bus::Clock::now() + kSenderPatience,
                      message.payload.size(),
                      traceOf(message)};
}

}  // namespace

Received receivePost(const topics::VisitorIn& topic, const bus::Message& message) {
    return receive(topic.site, topic.conversation, std::nullopt, message);
}

Received receivePost(const topics::AgentIn& topic, const bus::Message& message) {
    return receive(topic.site, topic.conversation, topic.agent, message);
}

Received receiveOpen(const topics::Rpc& topic, const bus::Message& message) {
    const auto reply = replyAddress(message, topic.site, topic.caller.str());
    if (!reply) return toDrop(reply.error());
    auto request = decode<v1::Request>(message.payload);
    if (!request) return Drop::garbage;
    const auto refuse = [&](const Error& error) {
        return Refusal{*reply, error, traceOf(message)};
    };
    if (!request->has_open()) return refuse({Errc::malformed, "open: no such body"});
    // Opening speaks in the visitor's name, which only gateways may.
    if (topic.caller.str() != kGatewayCaller) {
        return refuse({Errc::forbidden, "open: only for gateways"});
    }
    v1::OpenRequest& open = *request->mutable_open();
    if (auto valid = validate(open); !valid) return refuse(valid.error());
    const std::string_view department =
        open.department().empty() ? kDefaultDepartment : std::string_view(open.department());
    return Submission{
        topic.site,
        *ConversationId::parse(open.conversation()),
        std::nullopt,
        CheckedOpen{*RequestId::parse(open.request_id()), *DepartmentId::parse(department),
                    std::move(*open.mutable_visitor())},
        *reply,
        bus::Clock::now() + kSenderPatience,
        message.payload.size(),
        traceOf(message)};
}

Submission toSubmission(Command command) {
    const SiteId site = command.site;
    const ConversationId conversation = command.conversation;
    return {site,         conversation,
            std::nullopt, std::move(command),
            std::nullopt, bus::Clock::now() + kCommandPatience};
}

DraftIds idsOf(const Submission& submission) {
    DraftIds ids{submission.conversation, {}, submission.traceparent};
    if (const auto* open = std::get_if<CheckedOpen>(&submission.content)) {
        ids.drafts = open->request.str();
    } else if (const auto* post = std::get_if<std::vector<CheckedDraft>>(&submission.content)) {
        for (const auto& checked : *post) {
            const auto request = RequestId::parse(checked.draft.request_id());
            if (request) ids.drafts += (ids.drafts.empty() ? "" : ",") + request->str();
        }
    }
    return ids;
}

v1::Response refuseAll(const Submission& submission, const Error& error) {
    v1::Response response;
    const auto* post = std::get_if<std::vector<CheckedDraft>>(&submission.content);
    if (post == nullptr) {
        *response.mutable_failure() = toFailure(error);
        return response;
    }
    for (const auto& checked : *post) {
        auto& receipt = *response.mutable_post()->add_receipts();
        receipt.set_request_id(checked.draft.request_id());
        *receipt.mutable_failure() = toFailure(error);
    }
    return response;
}

}  // namespace parlor::ledger
