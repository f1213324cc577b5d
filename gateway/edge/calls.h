#pragma once

// The calls that wait for the ledger, one coroutine each, and those that need nobody.

#include "gateway/edge/exchange.h"

namespace parlor::gateway {

// POST /v1/sites/{site}/conversations
Awaitable<Response> openConversation(Services& services, Exchange& exchange);
// POST /v1/conversations/{c}/events
Awaitable<Response> postEvent(Services& services, Exchange& exchange);
// GET /v1/requests/{id}
Awaitable<Response> requestStatus(Services& services, Exchange& exchange);
// /healthz, /readyz, /metrics, files
Response serveLocally(Services& services, const Exchange& exchange);

}  // namespace parlor::gateway
