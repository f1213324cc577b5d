#pragma once

// The inside of MemoryBroker. Whoever asks for something does it there and then, under one lock;
// what clients are told of it waits for the threads of their handlers.

#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "bus/deadlines.h"
#include "bus/doorbell.h"
#include "bus/inbox.h"
#include "bus/memory_bus.h"
#include "bus/memory_client.h"
#include "bus/topic_tree.h"

namespace parlor::bus {

// Public methods: any thread.
class MemoryBroker::Impl {
 public:
    Impl();
    ~Impl();

    void start(const memory::ClientPtr& client);
    // Refuses it at once, on this thread, where the client has left.
    void request(memory::Request&& request);
    // The operation had a fault before it got here.
    void refuse(memory::Client& client, DoneHandler done, const Error& error);
    // False where it had left before. What is pending fails; the client is told nothing later.
    bool leave(const memory::ClientPtr& client, bool sendWill);

    // For clients whose handlers run on the broker's thread: a client must be there until
    // handled() after its leave().
    void report(memory::Client& client, memory::Report&& report);
    // Fulfilled once all that was reported before has been handled.
    std::future<void> handled();

    void cut();
    void restore();
    void dropRetained();
    std::size_t countRetained();

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

    struct Reported {
        memory::Client* client;
        memory::Report report;
    };
    struct Handled {
        std::promise<void> done;
    };
    struct Quit {};
    using Event = std::variant<Reported, Handled, Quit>;

    // The broker's thread.
    void run();
    void on(Reported& reported) { reported.client->handle(reported.report); }
    void on(Handled& handled) { handled.done.set_value(); }
    void on(Quit&) { quit_ = true; }

    // The rest is called with mutex_ held.
    void take(memory::Request& request);
    void perform(memory::Client& client, memory::Operation& operation);
    void perform(memory::Client& client, memory::Publish& publish);
    void perform(memory::Client& client, memory::Subscribe& subscribe);
    void perform(memory::Client& client, memory::Unsubscribe& unsubscribe);

    void connect(memory::Client& client);
    void disconnect(memory::Client& client, bool sendWill);
    void performWaiting();
    void failWaiting(const memory::Client& client);
    void fail(memory::Request& request, const Error& error);
    std::optional<Deadline> expire(Deadline now);
    void add(memory::Client& client, const std::string& filter, Qos qos);
    void remove(memory::Client& client, const std::string& filter);
    void route(Message&& message);
    void store(Message&& message);
    void sendRetained(memory::Client& client, std::string_view filter, Qos qos);
    void sweepRetained(Deadline now);

    Doorbell bell_;                                 // any thread
    Inbox<Event> inbox_{[this] { bell_.ring(); }};  // any thread
    bool quit_ = false;                             // thread_ only

    std::mutex mutex_;  // guards all of the following
    TopicTree<Subscribers> subscriptions_;
    TopicMap<Retained> retained_;
    std::size_t storedSinceSweep_ = 0;
    std::size_t retainedAtSweep_ = 0;
    std::set<memory::ClientPtr> clients_;
    std::map<std::uint64_t, memory::Request> waiting_;  // by number, which is their order
    std::uint64_t nextNumber_ = 0;
    Deadlines deadlines_;
    bool reachable_ = true;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace parlor::bus
