#include "ledger/metrics/drops.h"

#include <string>

#include "proto/trace.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kMaxShown = 200;  // bytes

// The sender chose it: one line, and nothing that a terminal would obey.
std::string shown(std::string_view topic) {
    std::string text(topic.substr(0, kMaxShown));
    for (auto& c : text) {
        if (c < ' ' || c > '~' || c == '"' || c == '\\') c = '?';
    }
    return text + (topic.size() > kMaxShown ? "..." : "");
}

}  // namespace

void Drops::add(Drop why, std::string_view topic, std::string_view traceparent) {
    metrics_.dropped(why);
    const auto leftOut = pace_.next(static_cast<std::size_t>(why));
    if (!leftOut) return;
    poco_warning(log_, "dropped reason=" + std::string(nameOf(why)) + " topic=\"" + shown(topic) +
                           "\" left_out=" + std::to_string(*leftOut) + traceMember(traceparent));
}

}  // namespace parlor::ledger
