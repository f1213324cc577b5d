#include <boost/algorithm/string/case_conv.hpp>
#include <locale>

#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

using Request = v1::ConversationsRequest;

constexpr std::uint32_t kStandardPage = 50;
constexpr std::uint32_t kMaxPage = 100;

std::optional<ConversationState> toState(Request::State state) {
    switch (state) {
        case Request::STATE_WAITING:
            return ConversationState::waiting;
        case Request::STATE_ASSIGNED:
            return ConversationState::assigned;
        case Request::STATE_CLOSED:
            return ConversationState::closed;
        default:
            return std::nullopt;
    }
}

Request::State toState(ConversationState state) {
    switch (state) {
        case ConversationState::waiting:
            return Request::STATE_WAITING;
        case ConversationState::assigned:
            return Request::STATE_ASSIGNED;
        case ConversationState::closed:
            return Request::STATE_CLOSED;
    }
    return Request::STATE_UNSPECIFIED;
}

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

Expected<ListQuery> toQuery(const Caller& caller, const Request& request) {
    ListQuery query{.site = caller.site};
    if (!request.agent().empty()) {
        const auto agent = AgentId::parse(request.agent());
        if (!agent) return agent.error();
        query.agent = *agent;
    }
    if (!request.department().empty()) {
        const auto department = DepartmentId::parse(request.department());
        if (!department) return department.error();
        query.department = *department;
    }
    if (!Request::State_IsValid(request.state())) return malformed("state: no such state");
    query.state = toState(request.state());
    if (auto ok = validateText(request.visitor_email(), kMaxNameBytes, "visitor_email"); !ok) {
        return ok.error();
    }
    // As they are recorded: small letters of ASCII.
    query.visitorEmail =
        boost::algorithm::to_lower_copy(request.visitor_email(), std::locale::classic());
    if (request.opened_from_ms() < 0 || request.opened_until_ms() < 0) {
        return malformed("opened: before 1970");
    }
    query.openedFromMs = request.opened_from_ms();
    query.openedUntilMs = request.opened_until_ms();
    if (!request.before().empty()) {
        const auto before = ConversationId::parse(request.before());
        if (!before) return before.error();
        query.before = *before;
    }
    if (request.limit() > kMaxPage) return malformed("conversations.limit: at most 100");
    query.limit = request.limit() == 0 ? kStandardPage : request.limit();
    return query;
}

v1::ConversationSummary toSummary(const ListedConversation& row) {
    v1::ConversationSummary summary;
    summary.set_conversation(row.id.str());
    summary.set_state(toState(row.state));
    summary.set_department(row.department);
    summary.set_agent(row.agent);
    summary.set_visitor_name(row.visitorName);
    summary.set_visitor_email(row.visitorEmail);
    summary.set_preview(row.preview);
    summary.set_opened_at_ms(row.openedAtMs);
    summary.set_waiting_since_ms(row.waitingSinceMs);
    summary.set_assigned_at_ms(row.assignedAtMs);
    summary.set_closed_at_ms(row.closedAtMs);
    summary.set_head_seq(row.headSeq);
    return summary;
}

}  // namespace

Expected<v1::Response> answerConversations(Archive& archive, const Caller& caller,
                                           const v1::ConversationsRequest& request) {
    const auto query = toQuery(caller, request);
    if (!query) return query.error();
    const auto rows = archive.list(*query);
    if (!rows) return rows.error();
    v1::Response response;
    auto& page = *response.mutable_conversations();
    for (const auto& row : *rows) *page.add_conversations() = toSummary(row);
    if (rows->size() == query->limit) page.set_next(rows->back().id.str());
    return response;
}

}  // namespace parlor::ledger
