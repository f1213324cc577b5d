#pragma once

// What a visitor says that is not recorded, whichever way it came.

#include "gateway/edge/bodies.h"
#include "gateway/edge/exchange.h"

namespace parlor::gateway {

// Sends it on. Otherwise, where the conversation has used up its rate: when to come again.
std::optional<std::chrono::seconds> sayForVisitor(Services& services, const Grant& grant,
                                                  VisitorSignal signal);
// POST /v1/conversations/{c}/live
Response postSignal(Services& services, Exchange& exchange);

}  // namespace parlor::gateway
