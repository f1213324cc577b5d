#include "bus/paho_bus.h"

#include <stdexcept>
#include <thread>

#include "bus/backoff.h"
#include "bus/deadlines.h"
#include "bus/inbox.h"
#include "bus/paho_session.h"
#include "bus/paho_socket.h"
#include "bus/publish_window.h"
#include "bus/subscriptions.h"
#include "bus/topic_filter.h"

namespace parlor::bus {
namespace {

using namespace paho;

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

const Error kStopped{Errc::unavailable, "the bus has been stopped"};
const Error kLost{Errc::unavailable, "connection lost"};
const Error kTooLate{Errc::deadline, "the deadline had passed already"};

// "tcp://host:port" or "ssl://host:port".
bool isServer(std::string_view text) {
    if (!text.starts_with("tcp://") && !text.starts_with("ssl://")) return false;
    text.remove_prefix(6);
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    return text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

// How long a stop waits for the broker to close the connection, whatever its deadline.
constexpr std::chrono::milliseconds kGoodbye{200};

// Paho is woken where there is no answer for so long, and again after pauses that double.
constexpr std::chrono::milliseconds kFirstWake{2};
constexpr std::chrono::milliseconds kLastWake{500};

// All state belongs to thread_; other threads speak to it through inbox_.
class PahoBus final : public Bus, public SessionSink {
 public:
    explicit PahoBus(PahoOptions options)
        : options_(std::move(options)),
          backoff_(options_.backoffMin, options_.backoffMax),
          publications_(options_.publishQueue),
          session_(newSession()),
          thread_([this] { run(); }) {}

    ~PahoBus() override { stop(Clock::now()); }

    void start(Handlers handlers) override { push(StartRequest{std::move(handlers)}); }

    void stop(Deadline deadline) override {
        push(StopRequest{deadline});
        const std::lock_guard lock(joining_);
        if (thread_.joinable()) thread_.join();
    }

    void publish(Message message, DoneHandler done, Deadline deadline) override {
        if (auto good = checkMessage(message); !good) return refuse(std::move(done), good.error());
        if (!publications_.reserve()) {
            return refuse(std::move(done), {Errc::overloaded, "the publish queue is full"});
        }
        push(PublishRequest{std::move(message), std::move(done), deadline});
    }

    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) override {
        if (auto good = checkFilters(filters); !good) return refuse(std::move(done), good.error());
        push(SubscribeRequest{std::move(filters), qos, std::move(done), deadline});
    }

    void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                     Deadline deadline) override {
        push(UnsubscribeRequest{std::move(filters), std::move(done), deadline});
    }

    void onSession(std::uint64_t session, SessionEvent event) override {
        inbox_.push(FromSession{session, std::move(event)});
    }

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
    void push(Request request) {
        Event event = std::move(request);
        if (inbox_.push(std::move(event))) return;
        if constexpr (requires { request.done; }) {
            auto& done = std::get<Request>(event).done;
            if (done) done(kStopped);
        }
    }
    void refuse(DoneHandler done, Error error) {
        push(RefusedRequest{std::move(error), std::move(done)});
    }

    void run();
    void work();
    void watch(Deadline now);
    void end();
    std::optional<Deadline> nextTimer() const;
    void runTimers(Deadline now);

    void on(PublishRequest& request);
    void on(SubscribeRequest& request);
    void on(UnsubscribeRequest& request);
    void on(RefusedRequest& request);
    void on(StartRequest& request);
    void on(StopRequest& request);
    void on(FromSession& event);

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

    const PahoOptions options_;
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

    Waker waker_;
    std::optional<Deadline> wakeAt_;
    Clock::duration wakePause_ = kFirstWake;
    std::uint64_t answersSeen_ = 0;

    PublishWindow publications_;  // reserve(): any thread
    Subscriptions subscriptions_;
    Deadlines deadlines_;
    std::uint64_t nextOperation_ = 1;

    std::unique_ptr<Session> session_;
    std::thread thread_;  // last: it uses all of the above
};

void PahoBus::run() {
    std::vector<Event> events;
    while (phase_ != Phase::ended) {
        inbox_.take(events, nextTimer());
        for (auto& event : events) std::visit([this](auto& each) { on(each); }, event);
        runTimers(Clock::now());
        work();
        watch(Clock::now());
    }
    end();
}

// Sends what may be sent, and goes on to the next phase where this one has done its work.
void PahoBus::work() {
    if (phase_ == Phase::restoring || online()) {
        if (!subscriptions_.send(*session_)) return lose(kLost);
    }
    if (phase_ == Phase::restoring) {
        if (subscriptions_.restoreFailure()) return lose(*subscriptions_.restoreFailure());
        if (!subscriptions_.restored()) return;
        phase_ = Phase::ready;
        connectedAt_ = Clock::now();
        report(State::connected);
    }
    if (online() && !publications_.send(*session_)) return lose(kLost);
    if (phase_ == Phase::draining && publications_.empty()) leave();
}

// Sees to it that what was given to Paho goes out: see Waker.
void PahoBus::watch(Deadline now) {
    const auto answers = publications_.answers() + subscriptions_.answers();
    const bool waits = phase_ == Phase::connecting || phase_ == Phase::leaving ||
                       publications_.awaitsAnswer() || subscriptions_.awaitsAnswer();
    if (!waits) {
        wakeAt_.reset();
    } else if (!wakeAt_ || answers != answersSeen_) {
        wakePause_ = kFirstWake;
        wakeAt_ = now + wakePause_;
    } else if (*wakeAt_ <= now) {
        waker_.wake();
        wakePause_ = std::min<Clock::duration>(wakePause_ * 2, kLastWake);
        wakeAt_ = now + wakePause_;
    }
    answersSeen_ = answers;
}

void PahoBus::end() {
    auto late = inbox_.close();
    publications_.failAll(kStopped);
    subscriptions_.failAll(kStopped);
    for (auto& event : late) {
        std::visit(
            [](auto& each) {
                if constexpr (requires { each.done; }) {
                    if (each.done) each.done(kStopped);
                }
            },
            event);
    }
    handlers_ = {};
}

std::optional<Deadline> PahoBus::nextTimer() const {
    auto next = deadlines_.next();
    const auto also = [&](Deadline at) { next = next ? std::min(*next, at) : at; };
    if (wakeAt_) also(*wakeAt_);
    if (phase_ == Phase::pausing) also(reconnectAt_);
    if (phase_ == Phase::connecting) also(giveUpAt_);
    if (phase_ == Phase::draining || phase_ == Phase::leaving) also(stopAt_);
    return next;
}

void PahoBus::runTimers(Deadline now) {
    while (const auto operation = deadlines_.takeDue(now)) expire(*operation);
    deadlines_.compact(publications_.size() + subscriptions_.size(), [this](auto operation) {
        return publications_.waits(operation) || subscriptions_.waits(operation);
    });
    if (phase_ == Phase::pausing && reconnectAt_ <= now) connect();
    if (phase_ == Phase::connecting && giveUpAt_ <= now)
        lose({Errc::unavailable, "no answer to the connect"});
    if (phase_ == Phase::draining && stopAt_ <= now) leave();
    if (phase_ == Phase::leaving && stopAt_ <= now) phase_ = Phase::ended;
}

void PahoBus::on(PublishRequest& request) {
    const auto operation = newOperation(request.deadline);
    publications_.add(operation, std::move(request.message), std::move(request.done));
    if (request.deadline <= Clock::now()) publications_.expire(operation, kTooLate);
}

void PahoBus::on(SubscribeRequest& request) {
    if (isOver(request.deadline, request.done)) return;
    subscriptions_.subscribe(newOperation(request.deadline), std::move(request.filters),
                             request.qos, std::move(request.done));
}

void PahoBus::on(UnsubscribeRequest& request) {
    subscriptions_.unsubscribe(newOperation(request.deadline), request.filters,
                               online() || phase_ == Phase::restoring, std::move(request.done));
}

void PahoBus::on(RefusedRequest& request) {
    if (request.done) request.done(request.error);
}

void PahoBus::on(StartRequest& request) {
    if (phase_ != Phase::idle) return;
    handlers_ = std::move(request.handlers);
    connect();
}

void PahoBus::on(StopRequest& request) {
    if (stopping()) return;
    stopAt_ = request.deadline;
    if (phase_ == Phase::ready) {
        phase_ = Phase::draining;
    } else {
        leave();
    }
}

void PahoBus::on(FromSession& event) {
    if (event.session != session_->number() || phase_ == Phase::ended) return;
    std::visit([this](auto& each) { on(each); }, event.event);
}

void PahoBus::on(Connected& connected) {
    if (phase_ != Phase::connecting) return;
    phase_ = Phase::restoring;
    sendWithoutDelay(session_->server());
    // One less than the broker takes: Paho counts subscribe packets as well, and past its limit it
    // would hold back everything.
    const auto window = std::min(options_.publishWindow, connected.receiveMaximum - 1);
    publications_.setLimits(std::max<std::size_t>(window, 1), connected.maximumPacket);
    subscriptions_.restore();
}

void PahoBus::on(Arrived& arrived) {
    if (phase_ != Phase::leaving && handlers_.onMessage) {
        handlers_.onMessage(std::move(arrived.message));
    }
}

void PahoBus::on(Disconnected&) {
    if (phase_ == Phase::leaving) phase_ = Phase::ended;
}

bool PahoBus::isOver(Deadline deadline, DoneHandler& done) const {
    if (deadline > Clock::now()) return false;
    if (done) done(kTooLate);
    return true;
}

std::uint64_t PahoBus::newOperation(Deadline deadline) {
    const auto operation = nextOperation_++;
    deadlines_.add(deadline, operation);
    return operation;
}

void PahoBus::expire(std::uint64_t operation) {
    publications_.expire(operation,
                         online() ? Error{Errc::deadline, "not sent in time"} : notConnected());
    subscriptions_.expire(operation, online());
}

std::unique_ptr<Session> PahoBus::newSession() {
    const auto& server = options_.servers[server_];
    server_ = (server_ + 1) % options_.servers.size();
    return std::make_unique<Session>(options_, server, ++sessions_, *this);
}

void PahoBus::connect() {
    phase_ = Phase::connecting;
    giveUpAt_ = Clock::now() + options_.connectTimeout;
    session_->connect(options_);
}

// The connection, or the attempt at one, has come to nothing: the next session is made at once and
// connects after a pause. It is made before the old one goes, because the end of Paho's last client
// in the process takes long.
void PahoBus::lose(Error why) {
    if (phase_ == Phase::leaving) phase_ = Phase::ended;
    if (phase_ == Phase::ended) return;
    const bool was = online();
    const bool draining = phase_ == Phase::draining;
    why.text = session_->server() + ": " + why.text;
    lastFailure_ = why.text;
    if (was && Clock::now() - connectedAt_ >= options_.backoffMax) backoff_.reset();
    reconnectAt_ = Clock::now() + backoff_.next();
    phase_ = draining ? Phase::ended : Phase::pausing;
    session_ = newSession();
    publications_.onBroken(
        {Errc::unavailable, "the connection was lost before the broker answered"});
    subscriptions_.onBroken();
    if (was) {
        report(State::disconnected);
    } else if (handlers_.onConnectFailed) {
        handlers_.onConnectFailed(why);
    }
}

void PahoBus::leave() {
    stopAt_ = std::max(stopAt_, Clock::now() + kGoodbye);
    phase_ = session_->disconnect() ? Phase::leaving : Phase::ended;
}

void PahoBus::report(State state) {
    if (handlers_.onState) handlers_.onState(state);
}

Error PahoBus::notConnected() const {
    return {Errc::unavailable, "not connected to the broker (" + lastFailure_ + ")"};
}

}  // namespace

std::unique_ptr<Bus> makePahoBus(PahoOptions options) {
    if (options.servers.empty()) throw std::invalid_argument("no MQTT server is given");
    for (const auto& server : options.servers) {
        if (!isServer(server)) throw std::invalid_argument("not an MQTT server: " + server);
    }
    return std::make_unique<PahoBus>(std::move(options));
}

}  // namespace parlor::bus
