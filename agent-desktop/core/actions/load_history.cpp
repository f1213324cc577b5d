#include "agent-desktop/core/actions/load_history.h"

#include <utility>

namespace parlor::agent {

void loadHistory(RpcClient& rpc, const Identity& identity, const ConversationId& conversation,
                 v1::Stream stream, std::uint64_t after, std::chrono::milliseconds timeout,
                 QObject* context, std::function<void(Expected<v1::HistoryResponse>)> handler) {
    v1::Request request;
    auto& history = *request.mutable_history();
    history.set_conversation(conversation.str());
    history.set_stream(stream);
    history.set_after_seq(after);
    history.set_limit(kMaxHistoryEvents);
    rpc.call(
        topics::Rpc{identity.site, topics::Method::history, *CallerId::parse(identity.agent.str())},
        encode(request), timeout, context,
        [handler = std::move(handler)](const Expected<v1::Response>& response) {
            if (!response) {
                handler(response.error());
            } else if (!response->has_history()) {
                handler(Error{Errc::malformed, "the answer holds no history"});
            } else {
                handler(response->history());
            }
        });
}

}  // namespace parlor::agent
