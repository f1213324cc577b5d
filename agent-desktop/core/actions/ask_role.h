#pragma once

#include <chrono>
#include <functional>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/rpc_client.h"

namespace parlor::agent {

// Asks the ledger for this agent's role: ROLE_AGENT where the directory does not know it. `handler`
// as in RpcClient::call; an answer that is no directory is `malformed`.
void askRole(RpcClient& rpc, const Identity& identity, std::chrono::milliseconds timeout,
             QObject* context, std::function<void(Expected<v1::Role>)> handler);

}  // namespace parlor::agent
