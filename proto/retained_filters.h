#pragma once

#include <string>
#include <vector>

#include "proto/ids.h"

namespace parlor::topics::filters {

// The ledger, for a moment, when a conversation is erased: all that the broker may retain of it.
std::vector<std::string> ledgerRetained(const SiteId& site, const ConversationId& conversation);

}  // namespace parlor::topics::filters
