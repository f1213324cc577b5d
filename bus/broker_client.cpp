#include "bus/broker_client.h"

#include "bus/topic_filter.h"

namespace parlor::bus::client {
namespace {

const Error kStopped{Errc::unavailable, "the bus has been stopped"};
const Error kLost{Errc::unavailable, "connection lost"};
const Error kTooLate{Errc::deadline, "the deadline had passed already"};

}  // namespace

BrokerClient::BrokerClient(MqttOptions options, MakeSession makeSession)
    : options_(std::move(options)),
      makeSession_(std::move(makeSession)),
      backoff_(options_.backoffMin, options_.backoffMax),
      publications_(options_.publishQueue),
      session_(newSession()) {}

BrokerClient::~BrokerClient() { stop(Clock::now()); }

void BrokerClient::start(Handlers handlers) { push(StartRequest{std::move(handlers)}); }

void BrokerClient::publish(Message message, DoneHandler done, Deadline deadline) {
    if (auto good = checkMessage(message); !good) return refuse(std::move(done), good.error());
    if (!publications_.reserve()) {
        return refuse(std::move(done), {Errc::overloaded, "the publish queue is full"});
    }
    push(PublishRequest{std::move(message), std::move(done), deadline});
}

void BrokerClient::subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                             Deadline deadline) {
    if (auto good = checkFilters(filters); !good) return refuse(std::move(done), good.error());
    push(SubscribeRequest{std::move(filters), qos, std::move(done), deadline});
}

void BrokerClient::unsubscribe(std::vector<std::string> filters, DoneHandler done,
                               Deadline deadline) {
    push(UnsubscribeRequest{std::move(filters), std::move(done), deadline});
}

template <class Request>
void BrokerClient::push(Request request) {
    Event event = std::move(request);
    if (inbox_.push(std::move(event))) return;
    if constexpr (requires { request.done; }) {
        auto& done = std::get<Request>(event).done;
        if (done) done(kStopped);
    }
}

void BrokerClient::refuse(DoneHandler done, Error error) {
    push(RefusedRequest{std::move(error), std::move(done)});
}

void BrokerClient::onSession(std::uint64_t session, SessionEvent event) {
    inbox_.push(FromSession{session, std::move(event)});
}

void BrokerClient::turn(bool readable, bool writable) {
    if (phase_ == Phase::ended) return;
    turnSession(readable, writable);
    inbox_.take(events_);
    for (auto& event : events_) std::visit([this](auto& each) { on(each); }, event);
    events_.clear();
    runTimers(Clock::now());
    session_->beginCalls();
    work();
    session_->endCalls();
    if (session_->needsNudges()) {
        const bool waits = phase_ == Phase::connecting || phase_ == Phase::leaving ||
                           publications_.awaitsAnswer() || subscriptions_.awaitsAnswer();
        const auto answers = publications_.answers() + subscriptions_.answers();
        if (stall_.isStalled(waits, answers, Clock::now())) session_->nudge();
    }
    if (phase_ == Phase::ended) end();
}

void BrokerClient::turnSession(bool readable, bool writable) {
    const auto due = session_->nextTurn();
    if (!readable && !writable && !(due && *due <= Clock::now())) return;
    told_.clear();
    session_->turn(readable, writable, told_);
    const auto number = session_->number();
    for (auto& event : told_) {
        FromSession from{number, std::move(event)};
        on(from);
    }
}

// Sends what may be sent, and goes on to the next phase where this one has done its work.
void BrokerClient::work() {
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

void BrokerClient::end() {
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

std::optional<Deadline> BrokerClient::nextTurn() const {
    auto next = deadlines_.next();
    const auto also = [&](Deadline at) { next = next ? std::min(*next, at) : at; };
    if (session_->needsNudges() && stall_.next()) also(*stall_.next());
    if (session_->nextTurn()) also(*session_->nextTurn());
    if (phase_ == Phase::pausing) also(reconnectAt_);
    if (phase_ == Phase::connecting) also(giveUpAt_);
    if (phase_ == Phase::draining || phase_ == Phase::leaving) also(stopAt_);
    return next;
}

void BrokerClient::runTimers(Deadline now) {
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

void BrokerClient::on(PublishRequest& request) {
    const auto operation = newOperation(request.deadline);
    publications_.add(operation, std::move(request.message), std::move(request.done));
    if (request.deadline <= Clock::now()) publications_.expire(operation, kTooLate);
}

void BrokerClient::on(SubscribeRequest& request) {
    if (isOver(request.deadline, request.done)) return;
    subscriptions_.subscribe(newOperation(request.deadline), std::move(request.filters),
                             request.qos, std::move(request.done));
}

void BrokerClient::on(UnsubscribeRequest& request) {
    subscriptions_.unsubscribe(newOperation(request.deadline), request.filters,
                               online() || phase_ == Phase::restoring, std::move(request.done));
}

void BrokerClient::on(RefusedRequest& request) {
    if (request.done) request.done(request.error);
}

void BrokerClient::on(StartRequest& request) {
    if (phase_ != Phase::idle) return;
    handlers_ = std::move(request.handlers);
    connect();
}

void BrokerClient::on(StopRequest& request) {
    if (stopping()) return;
    stopAt_ = request.deadline;
    if (phase_ == Phase::ready) {
        phase_ = Phase::draining;
    } else {
        leave();
    }
}

void BrokerClient::on(FromSession& event) {
    if (event.session != session_->number() || phase_ == Phase::ended) return;
    std::visit([this](auto& each) { on(each); }, event.event);
}

bool BrokerClient::isOver(Deadline deadline, DoneHandler& done) const {
    if (deadline > Clock::now()) return false;
    if (done) done(kTooLate);
    return true;
}

std::uint64_t BrokerClient::newOperation(Deadline deadline) {
    const auto operation = nextOperation_++;
    deadlines_.add(deadline, operation);
    return operation;
}

void BrokerClient::expire(std::uint64_t operation) {
    publications_.expire(operation,
                         online() ? Error{Errc::deadline, "not sent in time"} : notConnected());
    subscriptions_.expire(operation, online());
}

}  // namespace parlor::bus::client
