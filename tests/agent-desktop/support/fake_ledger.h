#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bus/memory_bus.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::test {

// A ledger by script, on an in-process broker: it keeps to the protocol, except where a test tells
// it to fail. Its methods are for the test's thread; the broker's thread serves requests.
class FakeLedger {
 public:
    // How it misbehaves, from now on.
    struct Faults {
        bool deaf = false;             // posts are not even looked at
        bool mute = false;             // posts are recorded, receipts and events get lost
        bool withholdEvents = false;   // recorded, but not published
        bool noHistory = false;        // history is not answered
        bool noDirectory = false;      // nor who is who
        std::optional<Error> refusal;  // every draft fails so, and every directory
    };

    FakeLedger(bus::MemoryBroker& broker, std::string site);
    ~FakeLedger();

    void setFaults(const Faults& faults);
    // Of what is recorded from now on, Unix milliseconds; it advances a second an event.
    void setClock(std::int64_t nowMs);

    // What the directory says of an agent; those it does not know are agents.
    void setRole(const std::string& agent, v1::Role role);

    // Opens a conversation that waits since `sinceMs`.
    ConversationId enqueue(const std::string& visitor, const std::string& preview,
                           std::int64_t sinceMs = 1000);
    void says(const ConversationId& conversation, const std::string& text);
    void reads(const ConversationId& conversation, std::uint64_t seq);
    void hangsUp(const ConversationId& conversation, const std::string& reason);
    // Gives a conversation to an agent, or (empty) to nobody.
    void assign(const ConversationId& conversation, const std::string& agent,
                const std::string& name);
    void clearQueue(const ConversationId& conversation);
    // Offers a waiting conversation to an agent.
    void offer(const ConversationId& conversation, const std::string& agent);
    // Any event, as if it had happened; its body says on which stream.
    void records(const ConversationId& conversation, v1::Event event);
    void visitorLive(const ConversationId& conversation, bool typing, const std::string& preview);
    // As when the visitor's data are erased.
    void clearPresence(const ConversationId& conversation);
    void visitorPresence(const ConversationId& conversation, v1::Presence::State state,
                         std::chrono::seconds lease);
    // An event as it stands in the record, published again, or anything else on the shared log.
    void publishAgain(const ConversationId& conversation, std::uint64_t seq);
    void publishShared(const ConversationId& conversation, v1::Event event);
    // The database comes back from a backup that had only the first `kept` events, which stay as
    // they were recorded, epoch included.
    void restore(const ConversationId& conversation, std::size_t kept);

    // What was asked of it so far.
    std::vector<v1::Draft> drafts(const ConversationId& conversation) const;  // repeats included
    int posts(const ConversationId& conversation) const;
    int histories() const;
    int directories() const;
    std::vector<std::string> texts(const ConversationId& conversation) const;  // recorded messages
    std::vector<v1::AgentStatus> statuses() const;
    std::chrono::seconds statusLease() const;  // of the newest status; 0: for good
    std::vector<bool> typings(const ConversationId& conversation) const;  // of agents

 private:
    struct Record {
        std::vector<v1::Event> shared;
        std::vector<v1::Event> staff;
        std::map<std::string, v1::Receipt> receipts;  // by request_id
        std::string department = "sales";
        std::string visitor;
        std::string holder;
        std::string holderName;
        std::string offeredTo;
        std::set<std::string> joined;
        std::int64_t waitingSince = 0;
        std::uint32_t priority = 0;
        bool closed = false;
    };

    // The broker's thread; mutex_ is taken by onMessage.
    void onMessage(const bus::Message& message);
    void onPost(const topics::AgentIn& topic, const bus::Message& message);
    void onRpc(const bus::Message& message);
    void reply(const bus::Message& to, const v1::Response& response);
    void tellRole(const bus::Message& message, const std::string& of);
    void listEarlier(const bus::Message& message, const v1::ConversationsRequest& asked);
    v1::Receipt record(const ConversationId& conversation, const topics::AgentIn& from,
                       const v1::Draft& draft);
    v1::Receipt judge(const ConversationId& conversation, Record& to, const AgentId& agent,
                      const v1::Draft& draft);

    // What changes who has it (fake_ledger_handover.cpp). The last event is the draft's; empty: not
    // one of those. With mutex_ held, as what follows.
    std::vector<v1::Event> handOver(const ConversationId& conversation, Record& to,
                                    const AgentId& agent, const v1::Draft& draft);
    std::vector<v1::Event> transferred(Record& to, const AgentId& agent,
                                       const v1::Transfer& transfer);
    // Publishes anew who has it, after handOver().
    void publishHandOver(const ConversationId& conversation, const std::string& before,
                         const AgentId& agent, const v1::Draft& draft);

    v1::Event& append(const ConversationId& conversation, v1::Event event);
    void publishEvent(const ConversationId& conversation, const v1::Event& event);
    void publishQueue(const ConversationId& conversation, const std::string& preview);
    void publishAssignment(const ConversationId& conversation, const std::string& agent);
    void publish(const topics::Topic& topic, std::string payload, bool retain);
    v1::Event visitorEvent() const;

    const SiteId site_;
    const std::unique_ptr<bus::Bus> bus_;
    mutable std::mutex mutex_;  // guards all below
    Faults faults_;
    std::uint32_t epoch_ = 1;
    std::int64_t clockMs_ = 1'700'000'000'000;
    std::map<ConversationId, Record> records_;
    std::map<ConversationId, std::vector<v1::Draft>> drafts_;
    std::map<ConversationId, int> posts_;
    std::vector<v1::AgentStatus> statuses_;
    std::chrono::seconds statusLease_{0};
    std::map<ConversationId, std::vector<bool>> typings_;
    int histories_ = 0;
    int directories_ = 0;
    std::map<std::string, v1::Role> roles_;
    std::map<std::string, std::string> names_;  // agents', as their statuses told
};

}  // namespace parlor::test
