#pragma once

// A question to the ledger, as a coroutine waits for its answer.

#include "gateway/edge/services.h"

namespace parlor::gateway {

// As RpcClient::call.
Awaitable<Expected<v1::Response>> askLedger(Services& services, const SiteId& site,
                                            const v1::Request& request, Duration deadline,
                                            std::string traceparent = {});

// No part of a result is wanted: none has so many.
inline constexpr std::uint32_t kNoPart = 0xffffffff;
// What became of a request of the grant's conversation; with that part of a transcript.
Awaitable<Expected<v1::StatusResponse>> askStatus(Services& services, const Grant& grant,
                                                  const RequestId& request,
                                                  std::uint32_t part = kNoPart);

}  // namespace parlor::gateway
