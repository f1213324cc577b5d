#include "agent-desktop/core/actions/ask_role.h"

#include <algorithm>
#include <utility>

namespace parlor::agent {
namespace {

v1::Role roleIn(const v1::DirectoryResponse& directory, const AgentId& agent) {
    for (const auto& each : directory.agents()) {
        const auto& profile = each.profile();
        if (profile.id() == agent.str()) return std::max(profile.role(), v1::ROLE_AGENT);
    }
    return v1::ROLE_AGENT;
}

}  // namespace

void askRole(RpcClient& rpc, const Identity& identity, std::chrono::milliseconds timeout,
             QObject* context, std::function<void(Expected<v1::Role>)> handler) {
    v1::Request request;
    request.mutable_directory()->mutable_list()->set_agent(identity.agent.str());
    rpc.call(topics::Rpc{identity.site, topics::Method::directory,
                         *CallerId::parse(identity.agent.str())},
             encode(request), timeout, context,
             [agent = identity.agent,
              handler = std::move(handler)](const Expected<v1::Response>& response) {
                 if (!response) {
                     handler(response.error());
                 } else if (!response->has_directory()) {
                     handler(Error{Errc::malformed, "the answer holds no directory"});
                 } else {
                     handler(roleIn(response->directory(), agent));
                 }
             });
}

}  // namespace parlor::agent
