#pragma once

// The inside of MemoryBroker: its thread and what that thread owns.

#include <map>
#include <set>
#include <thread>

#include "bus/deadlines.h"
#include "bus/doorbell.h"
#include "bus/inbox.h"
#include "bus/memory_bus.h"
#include "bus/memory_events.h"
#include "bus/topic_tree.h"

namespace parlor::bus {

// All that is not said to be for any thread belongs to the broker's own.
class MemoryBroker::Impl {
 public:
    Impl();
    ~Impl();

    // Any thread. False once the broker is gone.
    bool post(memory::Event&& event) { return inbox_.push(std::move(event)); }

 private:
    struct Subscriber {
        memory::Client* client;
        Qos qos;
    };
    // The members of "$share/name/filter".
    struct Group {
        std::string name;
        std::vector<Subscriber> members;
        std::size_t next = 0;
    };
    struct Subscribers {
        std::vector<Subscriber> direct;
        std::vector<Group> groups;
        bool empty() const { return direct.empty() && groups.empty(); }
    };
    struct Retained {
        std::unique_ptr<Message> message;  // null in nodes that only lead to others
        Deadline expires = Deadline::max();
        bool empty() const { return message == nullptr; }
    };

    void run();
    void expire(Deadline now);

    void on(memory::Request& request);
    void on(memory::Refused& refused);
    void on(memory::Start& start);
    void on(memory::Leave& leave);
    void on(memory::Cut&);
    void on(memory::Restore&);
    void on(memory::DropRetained&) { retained_.clear(); }
    void on(memory::Drain& drain) { drain.drained.set_value(); }
    void on(memory::CountRetained& count);
    void on(memory::Quit&) { quit_ = true; }

    void perform(memory::Client& client, memory::Operation& operation);
    void perform(memory::Client& client, memory::Publish& publish);
    void perform(memory::Client& client, memory::Subscribe& subscribe);
    void perform(memory::Client& client, memory::Unsubscribe& unsubscribe);

    void connect(memory::Client& client);
    void performWaiting();
    void disconnect(memory::Client& client, bool sendWill);
    void fail(memory::Request& request, const Error& error);
    void add(memory::Client& client, const std::string& filter, Qos qos);
    void remove(memory::Client& client, const std::string& filter);
    void route(Message&& message);
    void store(Message&& message);
    void sendRetained(memory::Client& client, std::string_view filter, Qos qos);
    void sweepRetained(Deadline now);

    Doorbell bell_;                                         // any thread
    Inbox<memory::Event> inbox_{[this] { bell_.ring(); }};  // any thread

    TopicTree<Subscribers> subscriptions_;
    TopicMap<Retained> retained_;
    std::size_t storedSinceSweep_ = 0;
    std::size_t retainedAtSweep_ = 0;
    std::set<memory::ClientPtr> clients_;
    std::map<std::uint64_t, memory::Request> waiting_;  // by number, which is their order
    std::uint64_t nextNumber_ = 0;
    Deadlines deadlines_;
    bool reachable_ = true;
    bool quit_ = false;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace parlor::bus
