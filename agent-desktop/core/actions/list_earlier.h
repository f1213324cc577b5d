#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/rpc_client.h"

namespace parlor::agent {

// Asks the ledger for a page of the conversations in which this agent took part, the newest first.
// `before`: `next` of the page before; empty: the first page. `handler` as in RpcClient::call; an
// answer that is no list is `malformed`.
void listEarlier(RpcClient& rpc, const Identity& identity, const std::string& before,
                 std::chrono::milliseconds timeout, QObject* context,
                 std::function<void(Expected<v1::ConversationsResponse>)> handler);

}  // namespace parlor::agent
