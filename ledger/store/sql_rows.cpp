#include "ledger/store/sql_rows.h"

namespace parlor::ledger {
namespace {

Poco::Int64 toNumber(std::uint64_t value) { return static_cast<Poco::Int64>(value); }
std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }

ConversationState toState(Poco::Int64 value) {
    if (value < 0 || value > static_cast<Poco::Int64>(ConversationState::closed)) {
        throw Poco::DataFormatException("in the database: no such state of a conversation");
    }
    return static_cast<ConversationState>(value);
}

}  // namespace

Poco::Data::BLOB toBlob(std::string_view bytes) {
    return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

std::string toBytes(const Poco::Data::BLOB& blob) {
    return {blob.content().begin(), blob.content().end()};
}

ConversationColumns::ConversationColumns(std::span<const Conversation> rows) {
    std::apply([&](auto&... column) { (column.reserve(rows.size()), ...); }, all());
    for (const auto& row : rows) {
        id.push_back(row.id.str());
        site.push_back(row.site.str());
        department.push_back(row.department.str());
        state.push_back(static_cast<Poco::Int64>(row.state));
        agent.push_back(row.agent ? row.agent->str() : std::string());
        fence.push_back(toNumber(row.fence));
        priority.push_back(row.priority);
        sharedSeq.push_back(toNumber(row.shared.seq));
        staffSeq.push_back(toNumber(row.staff.seq));
        sharedHash.push_back(toBlob(row.shared.hash));
        staffHash.push_back(toBlob(row.staff.hash));
        assignedSeq.push_back(toNumber(row.assignedSeq));
        visitorName.push_back(row.visitorName);
        preview.push_back(row.preview);
        openedAt.push_back(row.openedAtMs);
        waitingSince.push_back(row.waitingSinceMs);
        assignedAt.push_back(row.assignedAtMs);
        closedAt.push_back(row.closedAtMs);
    }
}

std::vector<Conversation> ConversationColumns::rows() const {
    std::vector<Conversation> rows;
    rows.reserve(id.size());
    for (std::size_t i = 0; i < id.size(); ++i) {
        rows.push_back(Conversation{
            .id = toId<ConversationId>(id[i]),
            .site = toId<SiteId>(site[i]),
            .department = toId<DepartmentId>(department[i]),
            .state = toState(state[i]),
            .agent = agent[i].empty() ? std::nullopt : std::optional(toId<AgentId>(agent[i])),
            .fence = toUnsigned(fence[i]),
            .priority = static_cast<std::uint32_t>(priority[i]),
            .shared = {toUnsigned(sharedSeq[i]), toBytes(sharedHash[i])},
            .staff = {toUnsigned(staffSeq[i]), toBytes(staffHash[i])},
            .assignedSeq = toUnsigned(assignedSeq[i]),
            .visitorName = visitorName[i],
            .preview = preview[i],
            .openedAtMs = openedAt[i],
            .waitingSinceMs = waitingSince[i],
            .assignedAtMs = assignedAt[i],
            .closedAtMs = closedAt[i],
        });
    }
    return rows;
}

EventColumns::EventColumns(std::span<const NewEvent> rows) {
    std::apply([&](auto&... column) { (column.reserve(rows.size()), ...); }, all());
    for (const auto& row : rows) {
        conversation.push_back(row.key.conversation.str());
        stream.push_back(row.place.stream);
        seq.push_back(toNumber(row.place.seq));
        request.push_back(row.key.request.str());
        recordedAt.push_back(row.recordedAtMs);
        event.push_back(toBlob(row.bytes));
        hash.push_back(toBlob(row.hash));
    }
}

}  // namespace parlor::ledger
