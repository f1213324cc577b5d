#pragma once

#include <string>

namespace parlor::ledger {

// The first 120 code points of a visitor's message: what queues and lists show.
std::string previewOf(const std::string& text);

// The same of a serialized v1::Event. "" where it has no message, or none any more.
std::string previewOfEvent(const std::string& bytes);

}  // namespace parlor::ledger
