#pragma once

// The client behind makePahoBus() and makeMosquittoBus().

#include <functional>

#include "bus/backoff.h"
#include "bus/deadlines.h"
#include "bus/driven_bus.h"
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
// All state belongs to the owner's thread; other threads speak to it through inbox_.
class BrokerClient final : public DrivenBus, private SessionSink {
 public:
    using MakeSession = std::function<std::unique_ptr<Session>(
        const MqttOptions&, const std::string& server, std::uint64_t number, SessionSink&)>;

    BrokerClient(MqttOptions options, MakeSession makeSession);
    ~BrokerClient() override;

    void drive(std::function<void()> wake) override { wake_ = std::move(wake); }
    Socket socket() const override { return {session_->socket(), session_->number()}; }
    bool wantsToWrite() const override { return session_->wantsToWrite(); }
    std::optional<Deadline> nextTurn() const override;
    void turn(bool readable, bool writable) override;
    void beginStop(Deadline deadline) override { push(StopRequest{deadline}); }
    bool ended() const override { return phase_ == Phase::ended; }

    void start(Handlers handlers) override;
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

    // The parts of a turn, and the end.
    void turnSession(bool readable, bool writable);
    void runTimers(Deadline now);
    void work();
    void end();

    // What is asked.
    void on(PublishRequest& request);
    void on(SubscribeRequest& request);
    void on(UnsubscribeRequest& request);
    void on(RefusedRequest& request);
    void on(StartRequest& request);
    void on(StopRequest& request);
    void on(FromSession& event);

    // What becomes of the connection.
    void on(Attempted& attempt) { session_->attempted(attempt); }
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
    std::function<void()> wake_;               // constant after drive()
    Inbox<Event> inbox_{[this] { wake_(); }};  // any thread

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

    std::vector<Event> events_;       // of the inbox, while a turn looks at them
    std::vector<SessionEvent> told_;  // by a session that the owner's thread works
    StallWatch stall_;

    PublishWindow publications_;  // reserve(): any thread
    Subscriptions subscriptions_;
    Deadlines deadlines_;
    std::uint64_t nextOperation_ = 1;

    std::unique_ptr<Session> session_;  // last: it uses all of the above
};

}  // namespace parlor::bus::client
