#pragma once

#include <chrono>
#include <functional>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/rpc_client.h"

namespace parlor::agent {

// Asks the ledger for the events past `after`, a page of them. `handler` as in RpcClient::call; an
// answer that is no history is `malformed`.
void loadHistory(RpcClient& rpc, const Identity& identity, const ConversationId& conversation,
                 v1::Stream stream, std::uint64_t after, std::chrono::milliseconds timeout,
                 QObject* context, std::function<void(Expected<v1::HistoryResponse>)> handler);

}  // namespace parlor::agent
