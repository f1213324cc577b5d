#include "agent-desktop/core/actions/list_earlier.h"

#include <utility>

namespace parlor::agent {

void listEarlier(RpcClient& rpc, const Identity& identity, const std::string& before,
                 std::chrono::milliseconds timeout, QObject* context,
                 std::function<void(Expected<v1::ConversationsResponse>)> handler) {
    v1::Request request;
    request.mutable_conversations()->set_agent(identity.agent.str());
    request.mutable_conversations()->set_before(before);
    rpc.call(topics::Rpc{identity.site, topics::Method::conversations,
                         *CallerId::parse(identity.agent.str())},
             encode(request), timeout, context,
             [handler = std::move(handler)](const Expected<v1::Response>& response) {
                 if (!response) {
                     handler(response.error());
                 } else if (!response->has_conversations()) {
                     handler(Error{Errc::malformed, "the answer holds no list"});
                 } else {
                     handler(response->conversations());
                 }
             });
}

}  // namespace parlor::agent
