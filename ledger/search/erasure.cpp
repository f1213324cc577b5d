#include "ledger/search/erasure.h"

#include "ledger/search/digest.h"
#include "ledger/search/terms.h"
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
            return !event.closed().reason().empty();
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

}  // namespace parlor::ledger
