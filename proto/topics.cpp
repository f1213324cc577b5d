#include "proto/topics.h"

#include <boost/container/static_vector.hpp>

#include "proto/retained_filters.h"

namespace parlor::topics {
namespace {

constexpr std::string_view kRoot = "parlor/";
constexpr std::size_t kMaxLevels = 7;
using Levels = boost::container::static_vector<std::string_view, kMaxLevels>;

Error malformed(std::string_view what) { return {Errc::malformed, "topic: " + std::string(what)}; }

std::string base(const SiteId& site) { return std::string(kRoot) + site.str(); }
std::string conversationBase(const SiteId& site, const ConversationId& conversation) {
    return base(site) + "/c/" + conversation.str();
}

std::string text(const VisitorIn& t) {
    return conversationBase(t.site, t.conversation) + "/in/visitor";
}
std::string text(const AgentIn& t) {
    return conversationBase(t.site, t.conversation) + "/in/agent/" + t.agent.str();
}
std::string text(const LiveIn& t) { return conversationBase(t.site, t.conversation) + "/in/live"; }
std::string text(const PresenceIn& t) {
    return conversationBase(t.site, t.conversation) + "/in/presence";
}
std::string text(const SharedLog& t) {
    return conversationBase(t.site, t.conversation) + "/out/log";
}
std::string text(const LiveOut& t) {
    return conversationBase(t.site, t.conversation) + "/out/live/" + t.party.str();
}
std::string text(const StaffLog& t) {
    return conversationBase(t.site, t.conversation) + "/staff/log";
}
std::string text(const Queue& t) {
    return base(t.site) + "/q/" + t.department.str() + "/" + t.conversation.str();
}
std::string text(const AssignedTo& t) {
    return base(t.site) + "/a/" + t.agent.str() + "/c/" + t.conversation.str();
}
std::string text(const Status& t) { return base(t.site) + "/a/" + t.agent.str() + "/status"; }
std::string text(const Department& t) { return base(t.site) + "/d/" + t.department.str(); }
std::string text(const Rpc& t) {
    return base(t.site) + "/rpc/" + std::string(name(t.method)) + "/" + t.caller.str();
}
std::string text(const Reply& t) {
    return base(t.site) + "/reply/" + t.caller.str() + "/" + t.client.str();
}

Expected<Method> parseMethod(std::string_view text) {
    for (const Method method : kMethods) {
        if (name(method) == text) return method;
    }
    return malformed("no such method");
}

// levels: "c", conv, "in"|"out"|"staff", …
Expected<Topic> parseConversation(const SiteId& site, const Levels& levels) {
    if (levels.size() < 4) return malformed("too few levels");
    auto conversation = ConversationId::parse(levels[1]);
    if (!conversation) return conversation.error();
    // Only the canonical spelling is a topic, so that format() is parse()'s inverse.
    if (conversation->str() != levels[1]) return malformed("conversation id in small letters");
    const auto direction = levels[2];
    const auto kind = levels[3];
    if (levels.size() == 4) {
        if (direction == "in" && kind == "visitor") return Topic(VisitorIn{site, *conversation});
        if (direction == "in" && kind == "live") return Topic(LiveIn{site, *conversation});
        if (direction == "in" && kind == "presence") return Topic(PresenceIn{site, *conversation});
        if (direction == "out" && kind == "log") return Topic(SharedLog{site, *conversation});
        if (direction == "staff" && kind == "log") return Topic(StaffLog{site, *conversation});
    } else if (levels.size() == 5 && direction == "in" && kind == "agent") {
        auto agent = AgentId::parse(levels[4]);
        if (!agent) return agent.error();
        return Topic(AgentIn{site, *conversation, *agent});
    } else if (levels.size() == 5 && direction == "out" && kind == "live") {
        auto party = PartyId::parse(levels[4]);
        if (!party) return party.error();
        return Topic(LiveOut{site, *conversation, *party});
    }
    return malformed("no such topic of a conversation");
}

Expected<Topic> parseQueue(const SiteId& site, const Levels& levels) {
    if (levels.size() != 3) return malformed("q needs a department and a conversation");
    auto department = DepartmentId::parse(levels[1]);
    if (!department) return department.error();
    auto conversation = ConversationId::parse(levels[2]);
    if (!conversation) return conversation.error();
    if (conversation->str() != levels[2]) return malformed("conversation id in small letters");
    return Topic(Queue{site, *department, *conversation});
}

Expected<Topic> parseAgent(const SiteId& site, const Levels& levels) {
    if (levels.size() < 3) return malformed("too few levels");
    auto agent = AgentId::parse(levels[1]);
    if (!agent) return agent.error();
    if (levels.size() == 3 && levels[2] == "status") return Topic(Status{site, *agent});
    if (levels.size() == 4 && levels[2] == "c") {
        auto conversation = ConversationId::parse(levels[3]);
        if (!conversation) return conversation.error();
        if (conversation->str() != levels[3]) return malformed("conversation id in small letters");
        return Topic(AssignedTo{site, *agent, *conversation});
    }
    return malformed("no such topic of an agent");
}

Expected<Topic> parseCall(const SiteId& site, const Levels& levels) {
    if (levels.size() != 3) return malformed("rpc and reply have two levels");
    if (levels[0] == "rpc") {
        auto method = parseMethod(levels[1]);
        if (!method) return method.error();
        auto caller = CallerId::parse(levels[2]);
        if (!caller) return caller.error();
        return Topic(Rpc{site, *method, *caller});
    }
    auto caller = CallerId::parse(levels[1]);
    if (!caller) return caller.error();
    auto client = ClientId::parse(levels[2]);
    if (!client) return client.error();
    return Topic(Reply{site, *caller, *client});
}

}  // namespace

std::string_view name(Method method) {
    switch (method) {
        case Method::open:
            return "open";
        case Method::history:
            return "history";
        case Method::status:
            return "status";
        case Method::directory:
            return "directory";
        case Method::audit:
            return "audit";
        case Method::conversations:
            return "conversations";
        case Method::search:
            return "search";
        case Method::canned:
            return "canned";
        case Method::report:
            return "report";
        case Method::transcript:
            return "transcript";
        case Method::erase:
            return "erase";
        case Method::job:
            return "job";
        case Method::deed:
            return "deed";
    }
    return "";
}

std::string format(const Topic& topic) {
    return std::visit([](const auto& t) { return text(t); }, topic);
}

Expected<Topic> parse(std::string_view topic) {
    if (!topic.starts_with(kRoot)) return malformed("does not start with parlor/");
    topic.remove_prefix(kRoot.size());
    const auto siteEnd = topic.find('/');
    if (siteEnd == std::string_view::npos) return malformed("too few levels");
    auto site = SiteId::parse(topic.substr(0, siteEnd));
    if (!site) return site.error();
    topic.remove_prefix(siteEnd + 1);

    Levels levels;
    for (;;) {
        if (levels.size() == kMaxLevels) return malformed("too many levels");
        const auto slash = topic.find('/');
        levels.push_back(topic.substr(0, slash));
        if (slash == std::string_view::npos) break;
        topic.remove_prefix(slash + 1);
    }
    const auto kind = levels[0];
    if (kind == "c") return parseConversation(*site, levels);
    if (kind == "q") return parseQueue(*site, levels);
    if (kind == "a") return parseAgent(*site, levels);
    if (kind == "rpc" || kind == "reply") return parseCall(*site, levels);
    if (kind == "d" && levels.size() == 2) {
        auto department = DepartmentId::parse(levels[1]);
        if (!department) return department.error();
        return Topic(Department{*site, *department});
    }
    return malformed("no such kind");
}

namespace filters {

std::string conversationOut(const SiteId& site, const ConversationId& conversation) {
    return conversationBase(site, conversation) + "/out/#";
}
std::string gatewayReplies(const ClientId& client) {
    return std::string(kRoot) + "+/reply/" + std::string(kGatewayCaller) + "/" + client.str();
}
std::string ledgerVisitorPosts() { return "$share/ledger/parlor/+/c/+/in/visitor"; }
std::string ledgerAgentPosts() { return "$share/ledger/parlor/+/c/+/in/agent/+"; }
std::string ledgerRpc() { return "$share/ledger/parlor/+/rpc/+/+"; }
std::string ledgerAgentStatus() { return "parlor/+/a/+/status"; }
std::string ledgerQueues() { return "parlor/+/q/+/+"; }
std::string ledgerAssignments() { return "parlor/+/a/+/c/+"; }
std::string ledgerDepartments() { return "parlor/+/d/+"; }
std::vector<std::string> ledgerRetained(const SiteId& site, const ConversationId& conversation) {
    return {conversationOut(site, conversation),       format(StaffLog{site, conversation}),
            format(PresenceIn{site, conversation}),    format(LiveIn{site, conversation}),
            base(site) + "/q/+/" + conversation.str(), base(site) + "/a/+/c/" + conversation.str()};
}
std::string agentQueue(const SiteId& site) { return base(site) + "/q/+/+"; }
std::string agentAssignments(const SiteId& site, const AgentId& agent) {
    return base(site) + "/a/" + agent.str() + "/c/+";
}
std::string agentConversation(const SiteId& site, const ConversationId& conversation) {
    return conversationBase(site, conversation) + "/#";
}
std::string agentDepartments(const SiteId& site) { return base(site) + "/d/+"; }
std::string agentReplies(const SiteId& site, const AgentId& agent, const ClientId& client) {
    return text(Reply{site, *CallerId::parse(agent.str()), client});
}
std::string agentColleagues(const SiteId& site) { return base(site) + "/a/+/status"; }

}  // namespace filters
}  // namespace parlor::topics
