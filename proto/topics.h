#pragma once

// The whole contract of topics. Nobody else builds or takes apart a topic string.
//
//   topic   = "parlor/" site "/" rest
//   rest    = "c/" conv "/in/visitor"            VisitorIn      gateway → ledger      Post
//           | "c/" conv "/in/agent/" agent       AgentIn        that agent → ledger   Post
//           | "c/" conv "/in/live"               LiveIn         gateway → agents      Live
//           | "c/" conv "/in/presence"           PresenceIn     gateway → agents      Presence,
//           retained | "c/" conv "/out/log"               SharedLog      ledger → all Event,
//           retained | "c/" conv "/out/live/" party       LiveOut        agents, ledger → all  Live
//           | "c/" conv "/staff/log"             StaffLog       ledger → agents       Event,
//           retained | "q/" dept "/" conv                 Queue          ledger → agents
//           QueueEntry, retained | "a/" agent "/c/" conv              AssignedTo     ledger → that
//           agent   Assignment, retained | "a/" agent "/status"               Status         that
//           agent → all      AgentStatus, retained | "d/" dept                          Department
//           ledger → all          DepartmentState, retained | "rpc/" method "/" caller Rpc that
//           caller → ledger  Request | "reply/" caller "/" client         Reply          ledger →
//           that client  Response
//   method  = "open" | "history" | "status" | "directory" | "audit" | "conversations" | "search"
//           | "canned" | "report" | "transcript" | "erase" | "job" | "deed"
//   site, conv, agent, party, dept, caller, client: see proto/ids.h

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "proto/ids.h"

namespace parlor::topics {

enum class Method {
    open,
    history,
    status,
    directory,
    audit,
    conversations,
    search,
    canned,
    report,
    transcript,
    erase,
    job,
    deed,
};
inline constexpr std::array kMethods{
    Method::open,          Method::history, Method::status, Method::directory, Method::audit,
    Method::conversations, Method::search,  Method::canned, Method::report,    Method::transcript,
    Method::erase,         Method::job,     Method::deed};
std::string_view name(Method method);

struct VisitorIn {
    SiteId site;
    ConversationId conversation;
    bool operator==(const VisitorIn&) const = default;
};
struct AgentIn {
    SiteId site;
    ConversationId conversation;
    AgentId agent;
    bool operator==(const AgentIn&) const = default;
};
struct LiveIn {
    SiteId site;
    ConversationId conversation;
    bool operator==(const LiveIn&) const = default;
};
struct PresenceIn {
    SiteId site;
    ConversationId conversation;
    bool operator==(const PresenceIn&) const = default;
};
struct SharedLog {
    SiteId site;
    ConversationId conversation;
    bool operator==(const SharedLog&) const = default;
};
struct LiveOut {
    SiteId site;
    ConversationId conversation;
    PartyId party;
    bool operator==(const LiveOut&) const = default;
};
struct StaffLog {
    SiteId site;
    ConversationId conversation;
    bool operator==(const StaffLog&) const = default;
};
struct Queue {
    SiteId site;
    DepartmentId department;
    ConversationId conversation;
    bool operator==(const Queue&) const = default;
};
struct AssignedTo {
    SiteId site;
    AgentId agent;
    ConversationId conversation;
    bool operator==(const AssignedTo&) const = default;
};
struct Status {
    SiteId site;
    AgentId agent;
    bool operator==(const Status&) const = default;
};
struct Department {
    SiteId site;
    DepartmentId department;
    bool operator==(const Department&) const = default;
};
struct Rpc {
    SiteId site;
    Method method;
    CallerId caller;
    bool operator==(const Rpc&) const = default;
};
struct Reply {
    SiteId site;
    CallerId caller;
    ClientId client;
    bool operator==(const Reply&) const = default;
};

using Topic = std::variant<VisitorIn, AgentIn, LiveIn, PresenceIn, SharedLog, LiveOut, StaffLog,
                           Queue, AssignedTo, Status, Department, Rpc, Reply>;

// The topic string; parse(format(t)) == t for every topic.
std::string format(const Topic& topic);
// Errc::malformed says which level was wrong. format(parse(s)) == s wherever parse succeeds.
Expected<Topic> parse(std::string_view text);

// Subscription filters (MQTT 5, section 4.7), by who reads them.
namespace filters {

// A gateway: everything a visitor may see of one conversation.
std::string conversationOut(const SiteId& site, const ConversationId& conversation);
// A gateway: the answers to one of its processes, for all sites.
std::string gatewayReplies(const ClientId& client);

// The ledger's replicas, as one shared subscription each (MQTT 5, section 4.8.2).
std::string ledgerVisitorPosts();
std::string ledgerAgentPosts();
std::string ledgerRpc();
// Each ledger replica by itself: the agents, and what the broker retains in the ledger's name.
std::string ledgerAgentStatus();
std::string ledgerQueues();
std::string ledgerAssignments();
std::string ledgerDepartments();

// An agent.
std::string agentQueue(const SiteId& site);
std::string agentAssignments(const SiteId& site, const AgentId& agent);
std::string agentConversation(const SiteId& site,
                              const ConversationId& conversation);  // c/{conv}/#
std::string agentDepartments(const SiteId& site);
std::string agentReplies(const SiteId& site, const AgentId& agent, const ClientId& client);
std::string agentColleagues(const SiteId& site);  // a/+/status

}  // namespace filters
}  // namespace parlor::topics
