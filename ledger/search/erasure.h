#pragma once

// What of an event goes when a visitor's data are erased, and what stays.

#include <optional>
#include <string>
#include <vector>

#include "parlor/v1/event.pb.h"
#include "proto/topics.h"

namespace parlor::ledger {

// The serialized event without what was said and without the visitor's name; nothing where it has
// none of that. The salt goes with the content: without it nobody can try what hashes to
// content_hash, which stays and keeps the chain. An event that closed the conversation goes on
// doing so, without its reason.
std::optional<std::string> stripped(const std::string& event);

// The terms by which the serialized event is found.
std::vector<std::string> termsOfEvent(const std::string& event);

// Whether a message that the broker retains says what was said, or who the visitor is or where.
bool tellsOfVisitor(const topics::Topic& topic, const std::string& payload);

}  // namespace parlor::ledger
