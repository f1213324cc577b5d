#pragma once

#include <Poco/Logger.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bus/memory_bus.h"
#include "ledger/app/ledger.h"
#include "ledger/store/sql_store.h"
#include "proto/codec.h"
#include "proto/topics.h"
#include "tests/support/temp_dir.h"

namespace parlor::ledger::test {

inline const SiteId kSite = *SiteId::parse("shop");
inline const AgentId kAlice = *AgentId::parse("alice");
inline const CallerId kTool = *CallerId::parse(kAdminCaller);
inline const AgentId kBob = *AgentId::parse("bob");
inline const AgentId kCarol = *AgentId::parse("carol");

// A client of the broker that keeps what it receives. Thread-safe.
class Client {
 public:
    Client(bus::MemoryBroker& broker, const std::string& name);
    ~Client();

    // Returns once the broker granted it.
    void subscribe(std::vector<std::string> filters);
    // Returns once the broker has it.
    void publish(bus::Message message);
    // Everything received since the last call.
    std::vector<bus::Message> take();
    // Waits (10 s at most) for the first kept message that fits, and takes it out.
    std::optional<bus::Message> await(const std::function<bool(const bus::Message&)>& fits);

 private:
    void take(bus::Message message);

    const std::unique_ptr<bus::Bus> bus_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<bus::Message> received_;  // mutex_
};

// Somebody who posts and asks: a gateway, or an agent.
class Sender {
 public:
    // A gateway.
    explicit Sender(bus::MemoryBroker& broker, const SiteId& site = kSite);
    Sender(bus::MemoryBroker& broker, const AgentId& agent, const SiteId& site = kSite);
    // The command line tool.
    Sender(bus::MemoryBroker& broker, const CallerId& tool, const SiteId& site = kSite);

    // Each sends one message and waits for its answer.
    v1::Response post(const ConversationId& conversation, const std::vector<v1::Draft>& drafts);
    v1::Receipt post(const ConversationId& conversation, const v1::Draft& draft);
    v1::Response open(const v1::OpenRequest& request);
    v1::Response history(const ConversationId& conversation, std::uint64_t after = 0,
                         std::uint32_t limit = 0, v1::Stream stream = v1::STREAM_SHARED);
    v1::Response status(const ConversationId& conversation, const std::string& requestId);
    v1::Response call(topics::Method method, const v1::Request& request);

    // The pieces: to send without waiting, or wrongly.
    bus::Message postMessage(const ConversationId& conversation,
                             const std::vector<v1::Draft>& drafts);
    bus::Message requestMessage(topics::Method method, const v1::Request& request);
    // The answer to `message`, which was sent; no response where none came in 10 s.
    v1::Response answerTo(const bus::Message& message);
    Client& client() { return client_; }

 private:
    void address(bus::Message& message);

    const SiteId site_;
    const std::optional<AgentId> agent_;
    const CallerId caller_;
    const ClientId name_;
    Client client_;
    int next_ = 0;
};

// The usual ones, but for statuses, which nobody renews here: they hold for as long as any test.
Ledger::Options patientOptions();

// A broker, a database and one ledger, for one test.
class World {
 public:
    struct Options {
        Ledger::Options ledger = patientOptions();
        // What the ledger's bus is wrapped into, for faults.
        std::function<std::unique_ptr<bus::Bus>(std::unique_ptr<bus::Bus>)> wrapBus;
        // What the ledger's database is wrapped into.
        std::function<std::unique_ptr<Store>(Store&)> wrapStore;
        Poco::Logger* log = nullptr;  // none: silent
    };

    World() : World(Options()) {}
    explicit World(Options options);
    ~World();

    // A ledger that goes and comes back; the broker and the database stay.
    void stopLedger();
    void startLedger();

    // Who works where, for this ledger and those that are started later.
    void staff(std::vector<v1::DepartmentProfile> departments,
               std::vector<v1::AgentProfile> agents);

    bus::MemoryBroker& broker() { return broker_; }
    Ledger& ledger() { return *ledger_; }
    Store& store() { return store_; }
    const std::string& databasePath() const { return path_; }
    // Opens a conversation through a gateway and asserts that it worked.
    ConversationId open(Sender& gateway);

 private:
    const Options options_;
    const parlor::test::TempDir dir_;
    const std::string path_;
    SqlStore store_;
    std::unique_ptr<Store> wrappedStore_;
    bus::MemoryBroker broker_;
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<Ledger> ledger_;
    std::vector<v1::DepartmentProfile> departments_;
    std::vector<v1::AgentProfile> agents_;
};

// Drafts, each with an id of its own.
v1::Draft message(const std::string& text);
v1::Draft note(const std::string& text);
v1::Draft read(std::uint64_t seq);
v1::Draft rating(std::uint32_t score);
v1::Draft accept();
v1::Draft close(const std::string& reason = "done");
v1::Draft decline();
v1::Draft transferTo(const AgentId& agent, const std::string& note = "");
v1::Draft transferTo(const DepartmentId& department, const std::string& note = "",
                     std::uint32_t priority = 0);
v1::Draft takeOver();
v1::Draft prioritize(std::uint32_t priority);
v1::Draft join();
v1::Draft leave();

// Profiles, to be filled in further.
v1::DepartmentProfile department(const std::string& id, v1::Routing routing = v1::ROUTING_MANUAL);
v1::AgentProfile agent(const AgentId& id, std::uint32_t capacity = 0,
                       v1::Role role = v1::ROLE_AGENT);
// The agent says so on the broker, without a word on how long it holds.
void tellStatus(Client& client, const AgentId& agent, v1::AgentStatus::State state,
                const SiteId& site = kSite);
v1::OpenRequest openRequest(const std::string& department = "");

// The events of all out/log and staff/log messages among these, in order.
std::vector<v1::Event> eventsOf(const std::vector<bus::Message>& messages);
// "topic" or "topic cleared" of what is neither: q and a, in order.
std::vector<std::string> statesOf(const std::vector<bus::Message>& messages);

// Silent.
Poco::Logger& testLog();

}  // namespace parlor::ledger::test
