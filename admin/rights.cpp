#include "admin/rights.h"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/replace.hpp>

#include "proto/topics.h"

namespace parlor::admin {
namespace {

using Kind = Right::Kind;

// Stand-ins for "any": each becomes "+" in the filter. They are random, so that no name that
// somebody chooses for a site or an agent can be one.
struct Any {
    const std::string name = boost::algorithm::to_lower_copy(Ulid::generate().str());
    const SiteId site = *SiteId::parse(name);
    const DepartmentId department = *DepartmentId::parse(name);
    const AgentId agent = *AgentId::parse(name);
    const PartyId party = *PartyId::parse(name);
    const CallerId caller = *CallerId::parse(name);
    const ClientId client = *ClientId::parse(name);
    const ConversationId conversation = ConversationId::generate();

    // The text of a topic or filter that holds stand-ins, as a filter.
    std::string operator()(std::string text) const {
        boost::replace_all(text, name, "+");
        boost::replace_all(text, conversation.str(), "+");
        return text;
    }
    std::string operator()(const topics::Topic& topic) const {
        return (*this)(topics::format(topic));
    }
};

class Builder {
 public:
    Builder& write(std::string filter) { return add(Kind::write, std::move(filter)); }
    // What may be read may be subscribed to.
    Builder& read(const std::string& filter) {
        return add(Kind::read, filter).add(Kind::subscribe, filter);
    }
    // Read through a shared subscription only: an own copy of each message is nobody's business.
    Builder& readShared(const std::string& filter) {
        return add(Kind::read, filter.substr(filter.find('/', filter.find('/') + 1) + 1))
            .add(Kind::subscribe, filter);
    }
    // May be asked for; what is delivered of it is a matter of `read`.
    Builder& subscribe(std::string filter) { return add(Kind::subscribe, std::move(filter)); }

    Rights take() {
        std::sort(rights_.begin(), rights_.end());
        rights_.erase(std::unique(rights_.begin(), rights_.end()), rights_.end());
        return std::move(rights_);
    }

 private:
    Builder& add(Kind kind, std::string filter) {
        rights_.push_back({kind, std::move(filter)});
        return *this;
    }

    Rights rights_;
};

CallerId callerOf(const AgentId& agent) { return *CallerId::parse(agent.str()); }
CallerId gatewayCaller() { return *CallerId::parse(kGatewayCaller); }

constexpr std::array kGatewayMethods = {topics::Method::open, topics::Method::history,
                                        topics::Method::status, topics::Method::transcript};

std::vector<std::string> gatewayWrites() {
    const Any any;
    std::vector<std::string> filters = {any(topics::VisitorIn{any.site, any.conversation}),
                                        any(topics::LiveIn{any.site, any.conversation}),
                                        any(topics::PresenceIn{any.site, any.conversation})};
    for (const auto method : kGatewayMethods) {
        filters.push_back(any(topics::Rpc{any.site, method, gatewayCaller()}));
    }
    return filters;
}

std::vector<std::string> gatewayReads() {
    const Any any;
    return {any(topics::filters::conversationOut(any.site, any.conversation)),
            any(topics::Department{any.site, any.department}),
            any(topics::filters::gatewayReplies(any.client))};
}

// Any method at any site.
std::string adminRequests() {
    const Any any;
    const auto filter =
        any(topics::Rpc{any.site, topics::Method::directory, *CallerId::parse(kAdminCaller)});
    return boost::replace_first_copy(filter, "/rpc/directory/", "/rpc/+/");
}

}  // namespace

Rights gatewayRights() {
    Builder rights;
    for (auto& filter : gatewayWrites()) rights.write(std::move(filter));
    for (const auto& filter : gatewayReads()) rights.read(filter);
    return rights.take();
}

Rights ledgerRights() {
    namespace f = topics::filters;
    const Any any;
    return Builder()
        .readShared(f::ledgerVisitorPosts())
        .readShared(f::ledgerAgentPosts())
        .readShared(f::ledgerRpc())
        .read(f::ledgerAgentStatus())
        // Its own state, to find what a ledger that is gone left behind.
        .read(f::ledgerQueues())
        .read(f::ledgerAssignments())
        .read(f::ledgerDepartments())
        // What it retains of a conversation that is erased, and whatever others retain of it.
        .read(any(f::conversationOut(any.site, any.conversation)))
        .read(any(topics::StaffLog{any.site, any.conversation}))
        .read(any(topics::PresenceIn{any.site, any.conversation}))
        .read(any(topics::LiveIn{any.site, any.conversation}))
        .write(any(topics::PresenceIn{any.site, any.conversation}))
        .write(any(topics::LiveIn{any.site, any.conversation}))
        .write(any(topics::LiveOut{any.site, any.conversation, any.party}))
        .write(f::ledgerQueues())
        .write(f::ledgerAssignments())
        .write(f::ledgerDepartments())
        .write(any(topics::SharedLog{any.site, any.conversation}))
        .write(any(topics::StaffLog{any.site, any.conversation}))
        .write(any(topics::Reply{any.site, any.caller, any.client}))
        .take();
}

Rights healthRights() { return Builder().write("parlor/health").take(); }

Rights bridgeInsideRights() { return gatewayRights(); }

Rights bridgeOutsideRights() {
    Builder rights;
    for (const auto& filter : gatewayWrites()) rights.read(filter);
    for (auto& filter : gatewayReads()) rights.write(std::move(filter));
    return rights.take();
}

Rights agentRights(const SiteId& site, const AgentId& agent) {
    namespace f = topics::filters;
    const Any any;
    // Any method: which there are, and which need what role, is the ledger's to say.
    auto rpc = topics::format(topics::Rpc{site, topics::Method::history, callerOf(agent)});
    boost::replace_first(rpc, "/rpc/history/", "/rpc/+/");
    return Builder()
        .write(any(topics::AgentIn{site, any.conversation, agent}))
        .write(any(topics::LiveOut{site, any.conversation, *PartyId::parse(agent.str())}))
        .write(any(topics::Status{site, agent}))
        .write(std::move(rpc))
        .read(any(f::conversationOut(site, any.conversation)))
        .read(any(topics::LiveIn{site, any.conversation}))
        .read(any(topics::PresenceIn{site, any.conversation}))
        .read(any(topics::StaffLog{site, any.conversation}))
        // One subscription for all of a conversation; posts on their way in are not delivered.
        .subscribe(any(f::agentConversation(site, any.conversation)))
        .read(f::agentQueue(site))
        .read(f::agentColleagues(site))
        .read(f::agentAssignments(site, agent))
        .read(f::agentDepartments(site))
        .read(any(f::agentReplies(site, agent, any.client)))
        .take();
}

Rights adminRights() {
    const Any any;
    return Builder()
        .write(kControlTopic)
        .read(kControlResponses)
        // It asks the ledger, which takes it for an administrator of every site.
        .write(adminRequests())
        .read(any(topics::Reply{any.site, *CallerId::parse(kAdminCaller), any.client}))
        // Whom it signs out is offline; the broker does not publish the will of such a client.
        .write(any(topics::Status{any.site, any.agent}))
        .take();
}

}  // namespace parlor::admin
