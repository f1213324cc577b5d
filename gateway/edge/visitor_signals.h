#pragma once

// What a visitor says that is not recorded, whichever way it came.

#include <string_view>

#include "gateway/edge/bodies.h"
#include "gateway/edge/exchange.h"

namespace parlor::gateway {

// Sends it on. Otherwise, where the conversation or `address` has used up its rate: when to come
// again.
// `traceparent` is the visitor's header: typing and reading go on in its trace, and in none where
// it is empty, for a trace of a signal alone would tell nothing. Presence is a state that is kept,
// and of no trace.
std::optional<std::chrono::seconds> sayForVisitor(Services& services, const Grant& grant,
                                                  std::string_view address, VisitorSignal signal,
                                                  std::string_view traceparent);
// POST /v1/conversations/{c}/live
Response postSignal(Services& services, Exchange& exchange);

}  // namespace parlor::gateway
