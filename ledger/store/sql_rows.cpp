#include "ledger/store/sql_rows.h"

#include "ledger/store/preview.h"

namespace parlor::ledger {
namespace {

Poco::Int64 toNumber(std::uint64_t value) { return static_cast<Poco::Int64>(value); }
std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }

void assign(Poco::Data::BLOB& blob, std::string_view bytes) {
    blob.assignRaw(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// New elements must not share their memory, as copies of a BLOB do.
void resize(Blobs& blobs, std::size_t size) {
    while (blobs.size() < size) blobs.emplace_back();
    blobs.resize(size);
}
template <class Value>
void resize(std::vector<Value>& values, std::size_t size) {
    values.resize(size);
}
template <class Columns>
void resizeAll(Columns columns, std::size_t size) {
    std::apply([&](auto&... column) { (resize(column, size), ...); }, columns);
}

ConversationState toState(Poco::Int64 value) {
    if (value < 0 || value > static_cast<Poco::Int64>(ConversationState::closed)) {
        throw Poco::DataFormatException("in the database: no such state of a conversation");
    }
    return static_cast<ConversationState>(value);
}

std::optional<Offer> toOffer(const std::string& agent, Poco::Int64 untilMs) {
    if (agent.empty()) return std::nullopt;
    return Offer{toId<AgentId>(agent), untilMs};
}

// Agents in one column: ids, by spaces.
std::string join(const std::vector<AgentId>& agents) {
    std::string text;
    for (const auto& agent : agents) text += (text.empty() ? "" : " ") + agent.str();
    return text;
}
std::vector<AgentId> split(std::string_view text) {
    std::vector<AgentId> agents;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        agents.push_back(toId<AgentId>(std::string(text.substr(0, end))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return agents;
}

}  // namespace

std::string toBytes(const Poco::Data::BLOB& blob) {
    return {blob.content().begin(), blob.content().end()};
}

Poco::Data::BLOB toBlob(std::string_view bytes) {
    return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

void ConversationColumns::fill(std::span<const Conversation* const> rows) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Conversation& row = *rows[i];
        id[i] = row.id.str();
        site[i] = row.site.str();
        department[i] = row.department.str();
        state[i] = static_cast<Poco::Int64>(row.state);
        agent[i] = row.agent ? row.agent->str() : std::string();
        fence[i] = toNumber(row.fence);
        priority[i] = row.priority;
        assignedSeq[i] = toNumber(row.assignedSeq);
        visitorName[i] = row.visitorName;
        openedAt[i] = row.openedAtMs;
        waitingSince[i] = row.waitingSinceMs;
        assignedAt[i] = row.assignedAtMs;
        closedAt[i] = row.closedAtMs;
        offeredTo[i] = row.offer ? row.offer->agent.str() : std::string();
        offeredUntil[i] = row.offer ? row.offer->untilMs : 0;
        declined[i] = join(row.declined);
        nextRound[i] = row.nextRoundMs;
        joined[i] = join(row.joined);
        visitorEmail[i] = row.visitorEmail;
    }
}

void HeadColumns::fill(std::span<const Conversation* const> rows) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Conversation& row = *rows[i];
        id[i] = row.id.str();
        openedAt[i] = row.openedAtMs;
        sharedSeq[i] = toNumber(row.shared.seq);
        staffSeq[i] = toNumber(row.staff.seq);
        assign(sharedHash[i], row.shared.hash);
        assign(staffHash[i], row.staff.hash);
        previewSeq[i] = toNumber(row.previewSeq);
        spokenAt[i] = row.spokenAtMs;
    }
}

void AdvanceColumns::fill(std::span<const Conversation* const> rows,
                          const std::unordered_map<ConversationId, Conversation>& before) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Conversation& row = *rows[i];
        sharedSeq[i] = toNumber(row.shared.seq);
        assign(sharedHash[i], row.shared.hash);
        previewSeq[i] = toNumber(row.previewSeq);
        spokenAt[i] = row.spokenAtMs;
        id[i] = row.id.str();
        const Conversation& was = before.at(row.id);
        eventsBefore[i] = toNumber(was.shared.seq + was.staff.seq);
        openedAt[i] = was.openedAtMs;
    }
}

std::string PreviewColumns::at(std::size_t i) const {
    return event[i].size() == 0 ? outdated[i] : previewOfEvent(toBytes(event[i]));
}

std::vector<Conversation> ConversationRows::rows() const {
    std::vector<Conversation> rows;
    rows.reserve(own.id.size());
    for (std::size_t i = 0; i < own.id.size(); ++i) {
        const auto& agent = own.agent[i];
        rows.push_back(Conversation{
            .id = toId<ConversationId>(own.id[i]),
            .site = toId<SiteId>(own.site[i]),
            .department = toId<DepartmentId>(own.department[i]),
            .state = toState(own.state[i]),
            .agent = agent.empty() ? std::nullopt : std::optional(toId<AgentId>(agent)),
            .fence = toUnsigned(own.fence[i]),
            .priority = static_cast<std::uint32_t>(own.priority[i]),
            .shared = {toUnsigned(sharedSeq[i]), toBytes(sharedHash[i])},
            .staff = {toUnsigned(staffSeq[i]), toBytes(staffHash[i])},
            .assignedSeq = toUnsigned(own.assignedSeq[i]),
            .visitorName = own.visitorName[i],
            .preview = preview.at(i),
            .previewSeq = toUnsigned(previewSeq[i]),
            .openedAtMs = own.openedAt[i],
            .waitingSinceMs = own.waitingSince[i],
            .assignedAtMs = own.assignedAt[i],
            .closedAtMs = own.closedAt[i],
            .offer = toOffer(own.offeredTo[i], own.offeredUntil[i]),
            .declined = split(own.declined[i]),
            .nextRoundMs = own.nextRound[i],
            .joined = split(own.joined[i]),
            .visitorEmail = own.visitorEmail[i],
            .spokenAtMs = spokenAt[i],
        });
    }
    return rows;
}

std::vector<Standing> StandingColumns::rows() const {
    std::vector<Standing> rows;
    rows.reserve(id.size());
    for (std::size_t i = 0; i < id.size(); ++i) {
        rows.push_back({.id = toId<ConversationId>(id[i]),
                        .sharedSeq = toUnsigned(sharedSeq[i]),
                        .staffSeq = toUnsigned(staffSeq[i]),
                        .state = toState(state[i]),
                        .fence = toUnsigned(fence[i]),
                        .joined = split(joined[i])});
    }
    return rows;
}

bool MarkColumns::fits(std::size_t i, const Conversation& row) const {
    return toUnsigned(sharedSeq[i]) == row.shared.seq && toUnsigned(staffSeq[i]) == row.staff.seq &&
           visitorName[i] == row.visitorName && visitorEmail[i] == row.visitorEmail &&
           toUnsigned(previewSeq[i]) == row.previewSeq && openedAt[i] == row.openedAtMs;
}

void EventColumns::fill(std::span<const NewEvent> rows) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const NewEvent& row = rows[i];
        conversation[i] = row.key.conversation.str();
        stream[i] = row.place.stream;
        seq[i] = toNumber(row.place.seq);
        request[i] = row.key.request.str();
        recordedAt[i] = row.recordedAtMs;
        assign(event[i], row.bytes);
        assign(hash[i], row.hash);
    }
}

void RefusalColumns::fill(std::span<const NewRefusal> rows) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const NewRefusal& row = rows[i];
        conversation[i] = row.key.conversation.str();
        request[i] = row.key.request.str();
        code[i] = static_cast<Poco::Int64>(row.why.code);
        text[i] = row.why.text;
        at[i] = row.atMs;
    }
}

void ParticipantColumns::fill(std::span<const Participant> rows) {
    resizeAll(all(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        site[i] = rows[i].site.str();
        agent[i] = rows[i].agent.str();
        conversation[i] = rows[i].conversation.str();
    }
}

}  // namespace parlor::ledger
