#include "ledger/search/erasure.h"

#include "ledger/search/digest.h"
#include "ledger/search/terms.h"
#include "parlor/v1/state.pb.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

// Said, or told of its owner by the visitor's browser. What remains says who had the conversation
// and when.
bool hasContent(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
        case v1::Event::kMessage:
        case v1::Event::kNote:
        case v1::Event::kRating:
            return true;
        case v1::Event::kClosed:
            // The ledger's own reasons are nobody's data.
            return event.author().kind() != v1::Party::KIND_SYSTEM &&
                   !event.closed().reason().empty();
        default:
            return false;
    }
}

bool namesVisitor(const v1::Event& event) {
    return event.author().kind() == v1::Party::KIND_VISITOR && !event.author().name().empty();
}

}  // namespace

std::optional<std::string> stripped(const std::string& bytes) {
    v1::Event event;
    if (!event.ParseFromString(bytes)) return std::nullopt;
    const bool content = hasContent(event);
    const bool name = namesVisitor(event);
    if (!content && !name) return std::nullopt;
    if (content) {
        // That it ended stays: who reads the log would think that it goes on.
        if (event.has_closed()) {
            event.mutable_closed()->clear_reason();
        } else {
            event.clear_body();
        }
        event.clear_salt();
    }
    if (name) event.mutable_author()->clear_name();
    return encode(event);
}

std::vector<std::string> termsOfEvent(const std::string& bytes) {
    v1::Event event;
    if (!event.ParseFromString(bytes)) return {};
    return termsOf(searchableText(event));
}

bool tellsOfVisitor(const topics::Topic& topic, const std::string& payload) {
    if (payload.empty()) return false;
    if (std::holds_alternative<topics::SharedLog>(topic) ||
        std::holds_alternative<topics::StaffLog>(topic)) {
        return !v1::Event().ParseFromString(payload) || stripped(payload);
    }
    if (std::holds_alternative<topics::Queue>(topic)) {
        const auto entry = decode<v1::QueueEntry>(payload);
        return !entry || !entry->visitor_name().empty() || !entry->preview().empty();
    }
    if (std::holds_alternative<topics::AssignedTo>(topic)) {
        const auto assignment = decode<v1::Assignment>(payload);
        return !assignment || !assignment->visitor_name().empty();
    }
    return true;
}

}  // namespace parlor::ledger
