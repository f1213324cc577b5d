#include <algorithm>

#include "ledger/intake/rules.h"
#include "ledger/store/preview.h"

namespace parlor::ledger {
namespace {

// Those who declined are asked again when nobody else has been found for so long.
constexpr std::int64_t kBetweenRoundsMs = 30'000;
constexpr std::size_t kMostDeclined = 64;

void endOffers(Conversation& row) {
    row.offer.reset();
    row.declined.clear();
    row.nextRoundMs = 0;
}

void assign(Conversation& row, const v1::Event& event) {
    endOffers(row);
    row.state = ConversationState::assigned;
    row.agent = *AgentId::parse(event.assigned().agent());
    row.fence = event.assigned().fence();
    row.assignedSeq = event.seq();
    row.assignedAtMs = event.recorded_at_ms();
    std::erase(row.joined, *row.agent);
}

void queue(Conversation& row, const v1::Event& event) {
    row.priority = event.queued().priority();
    ++row.fence;
    if (event.stream() == v1::STREAM_STAFF) return;  // it waits where it did
    endOffers(row);
    // Whoever had been served already keeps the place from before: the queue's head.
    if (row.state == ConversationState::closed) row.waitingSinceMs = event.recorded_at_ms();
    row.state = ConversationState::waiting;
    row.department = *DepartmentId::parse(event.queued().department());
    row.closedAtMs = 0;
}

void decline(Conversation& row, const v1::Event& event) {
    const auto agent = *AgentId::parse(event.declined().agent());
    row.offer.reset();
    if (std::find(row.declined.begin(), row.declined.end(), agent) == row.declined.end()) {
        if (row.declined.size() == kMostDeclined) row.declined.erase(row.declined.begin());
        row.declined.push_back(agent);
    }
    row.nextRoundMs = event.recorded_at_ms() + kBetweenRoundsMs;
    ++row.fence;
}

void close(Conversation& row, const v1::Event& event) {
    endOffers(row);
    row.joined.clear();
    row.state = ConversationState::closed;
    row.closedAtMs = event.recorded_at_ms();
}

}  // namespace

void apply(Conversation& row, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            row.spokenAtMs = event.recorded_at_ms();
            break;
        case v1::Event::kMessage:
            row.spokenAtMs = event.recorded_at_ms();
            if (event.author().kind() == v1::Party::KIND_VISITOR) {
                row.preview = previewOf(event.message().text());
                row.previewSeq = event.seq();
            }
            break;
        case v1::Event::kAssigned:
            assign(row, event);
            break;
        case v1::Event::kQueued:
            queue(row, event);
            break;
        case v1::Event::kOffered:
            row.offer = Offer{*AgentId::parse(event.offered().agent()), event.offered().until_ms()};
            row.fence = event.offered().fence();
            break;
        case v1::Event::kDeclined:
            decline(row, event);
            break;
        case v1::Event::kJoined:
            row.joined.push_back(*AgentId::parse(event.joined().agent()));
            break;
        case v1::Event::kLeft:
            std::erase(row.joined, *AgentId::parse(event.left().agent()));
            break;
        case v1::Event::kClosed:
            close(row, event);
            break;
        default:
            break;
    }
}

std::optional<AgentId> newParticipant(const Conversation& before, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kAssigned:
            return *AgentId::parse(event.assigned().agent());
        case v1::Event::kJoined:
            return *AgentId::parse(event.joined().agent());
        case v1::Event::kNote: {
            // Messages are of those who hold it or joined; who transfers may leave a note, too.
            const auto author = *AgentId::parse(event.author().id());
            if (before.heldBy(author) || before.joinedBy(author)) return std::nullopt;
            return author;
        }
        default:
            return std::nullopt;
    }
}

}  // namespace parlor::ledger
