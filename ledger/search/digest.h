#pragma once

// What the indexer makes of events: terms to find them by, and figures for reports.

#include <span>
#include <string>

#include "ledger/store/search_index.h"
#include "parlor/v1/event.pb.h"

namespace parlor::ledger {

// What of an event can be searched for; empty: nothing.
std::string searchableText(const v1::Event& event);

// See Follow in search_index.h.
Advance follow(const Digest& soFar, std::span<const NextEvent> events);

}  // namespace parlor::ledger
