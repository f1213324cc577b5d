#pragma once

// The conversation as a file for its visitor: asked for, made by the ledger, fetched at any
// replica.

#include "gateway/edge/exchange.h"

namespace parlor::gateway {

// POST /v1/conversations/{c}/transcript
Awaitable<Response> requestTranscript(Services& services, Exchange& exchange);
// GET /v1/requests/{id}/result
Awaitable<Response> requestResult(Services& services, Exchange& exchange);
// The answer to GET /v1/requests/{id} once there is a result.
Response doneTranscript(const std::string& requestId, const std::string& contentType);

}  // namespace parlor::gateway
