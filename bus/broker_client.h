#pragma once

// The client behind makePahoBus() and makeMosquittoBus().

#include <functional>
#include <mutex>
#include <thread>

#include "bus/backoff.h"
#include "bus/deadlines.h"
#include "bus/inbox.h"
#include "bus/paho_socket.h"
#include "bus/publish_window.h"
#include "bus/session.h"
#include "bus/stall_watch.h"
#include "bus/subscriptions.h"

namespace parlor::bus::client {

struct PublishRequest {
    Message message;
    DoneHandler done;
    Deadline deadline;
};
struct SubscribeRequest {
    std::vector<std::string> filters;
    Qos qos;
    DoneHandler done;
    Deadline deadline;
};
struct UnsubscribeRequest {
    std::vector<std::string> filters;
    DoneHandler done;
    Deadline deadline;
};
struct RefusedRequest {
    Error error;
    DoneHandler done;
};
struct StartRequest {
    Handlers handlers;
};
struct StopRequest {
    Deadline deadline;
};
struct FromSession {
    std::uint64_t session;
    SessionEvent event;
};
using Event = std::variant<PublishRequest, SubscribeRequest, UnsubscribeRequest, RefusedRequest,
                           StartRequest, StopRequest, FromSession>;

// A client of a broker: its connection in all its phases, and what waits for it.
//
// All state belongs to thread_; other threads speak to it through inbox_.
class BrokerClient final : public Bus, private SessionSink {
 public:
    using MakeSession = std::function<std::unique_ptr<Session>(
        const MqttOptions&, const std::string& server, std::uint64_t number, SessionSink&)>;

    BrokerClient(MqttOptions options, MakeSession makeSession);
    ~BrokerClient() override;

    void start(Handlers handlers) override;
    void stop(Deadline deadline) override;
    void publish(Message message, DoneHandler done, Deadline deadline) override;
    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) override;
    void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                     Deadline deadline) override;

 private:
    enum class Phase {
        idle,        // not started
        pausing,     // until reconnectAt_
        connecting,  // until giveUpAt_
        restoring,   // connected; the kept filters are being subscribed again
        ready,       // and reported as connected
        draining,    // ready, and stopping once what is under way is done, or at stopAt_
        leaving,     // the connection is being closed, at most until stopAt_
        ended,
    };

    bool online() const { return phase_ == Phase::ready || phase_ == Phase::draining; }
    bool stopping() const { return phase_ >= Phase::draining; }

    template <class Request>
    void push(Request request);
    void refuse(DoneHandler done, Error error);
    void onSession(std::uint64_t session, SessionEvent event) override;

    // The loop, and the end of it.
    void run();
    void work();
    void end();
    void wait();
    std::optional<Deadline> nextTimer() const;
    void runTimers(Deadline now);

    // What is asked.
    void on(PublishRequest& request);
    void on(SubscribeRequest& request);
    void on(UnsubscribeRequest& request);
    void on(RefusedRequest& request);
    void on(StartRequest& request);
    void on(StopRequest& request);
    void on(FromSession& event);

    // What becomes of the connection.
    void on(Connected& connected);
    void on(Broken& broken) { lose(std::move(broken.why)); }
    void on(Arrived& arrived);
    void on(Published& published) { publications_.onPublished(published); }
    void on(Granted& granted) { subscriptions_.onGranted(granted); }
    void on(Disconnected&);

    bool isOver(Deadline deadline, DoneHandler& done) const;
    std::uint64_t newOperation(Deadline deadline);
    void expire(std::uint64_t operation);
    std::unique_ptr<Session> newSession();
    void connect();
    void lose(Error why);
    void leave();
    void report(State state);
    Error notConnected() const;

    const MqttOptions options_;
    const MakeSession makeSession_;
    Inbox<Event> inbox_;  // any thread
    std::mutex joining_;  // any thread: guards thread_.join()

    Handlers handlers_;
    Phase phase_ = Phase::idle;
    Backoff backoff_;
    std::size_t server_ = 0;  // index of the next to try
    std::uint64_t sessions_ = 0;
    std::string lastFailure_ = "not started";
    Deadline reconnectAt_;
    Deadline giveUpAt_;
    Deadline connectedAt_;
    Deadline stopAt_;

    std::vector<SessionEvent> told_;  // by a session that this thread works
    StallWatch stall_;

    PublishWindow publications_;  // reserve(): any thread
    Subscriptions subscriptions_;
    Deadlines deadlines_;
    std::uint64_t nextOperation_ = 1;

    std::unique_ptr<Session> session_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace parlor::bus::client
