#include "bus/paho_client.h"

#include "bus/topic_filter.h"

namespace parlor::bus::paho {
namespace {

const Error kStopped{Errc::unavailable, "the bus has been stopped"};
const Error kLost{Errc::unavailable, "connection lost"};
const Error kTooLate{Errc::deadline, "the deadline had passed already"};

}  // namespace

PahoClient::PahoClient(PahoOptions options)
    : options_(std::move(options)),
      backoff_(options_.backoffMin, options_.backoffMax),
      publications_(options_.publishQueue),
      session_(newSession()),
      thread_([this] { run(); }) {}

PahoClient::~PahoClient() { stop(Clock::now()); }

void PahoClient::start(Handlers handlers) { push(StartRequest{std::move(handlers)}); }

void PahoClient::stop(Deadline deadline) {
    push(StopRequest{deadline});
    const std::lock_guard lock(joining_);
    if (thread_.joinable()) thread_.join();
}

void PahoClient::publish(Message message, DoneHandler done, Deadline deadline) {
    if (auto good = checkMessage(message); !good) return refuse(std::move(done), good.error());
    if (!publications_.reserve()) {
        return refuse(std::move(done), {Errc::overloaded, "the publish queue is full"});
    }
    push(PublishRequest{std::move(message), std::move(done), deadline});
}

void PahoClient::subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                           Deadline deadline) {
    if (auto good = checkFilters(filters); !good) return refuse(std::move(done), good.error());
    push(SubscribeRequest{std::move(filters), qos, std::move(done), deadline});
}

void PahoClient::unsubscribe(std::vector<std::string> filters, DoneHandler done,
                             Deadline deadline) {
    push(UnsubscribeRequest{std::move(filters), std::move(done), deadline});
}

template <class Request>
void PahoClient::push(Request request) {
    Event event = std::move(request);
    if (inbox_.push(std::move(event))) return;
    if constexpr (requires { request.done; }) {
        auto& done = std::get<Request>(event).done;
        if (done) done(kStopped);
    }
}

void PahoClient::refuse(DoneHandler done, Error error) {
    push(RefusedRequest{std::move(error), std::move(done)});
}

void PahoClient::onSession(std::uint64_t session, SessionEvent event) {
    inbox_.push(FromSession{session, std::move(event)});
}

void PahoClient::run() {
    std::vector<Event> events;
    while (phase_ != Phase::ended) {
        inbox_.take(events, nextTimer());
        for (auto& event : events) std::visit([this](auto& each) { on(each); }, event);
        runTimers(Clock::now());
        work();
        const bool waits = phase_ == Phase::connecting || phase_ == Phase::leaving ||
                           publications_.awaitsAnswer() || subscriptions_.awaitsAnswer();
        const auto answers = publications_.answers() + subscriptions_.answers();
        if (stall_.isStalled(waits, answers, Clock::now())) waker_.wake();
    }
    end();
}

// Sends what may be sent, and goes on to the next phase where this one has done its work.
void PahoClient::work() {
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

void PahoClient::end() {
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

std::optional<Deadline> PahoClient::nextTimer() const {
    auto next = deadlines_.next();
    const auto also = [&](Deadline at) { next = next ? std::min(*next, at) : at; };
    if (stall_.next()) also(*stall_.next());
    if (phase_ == Phase::pausing) also(reconnectAt_);
    if (phase_ == Phase::connecting) also(giveUpAt_);
    if (phase_ == Phase::draining || phase_ == Phase::leaving) also(stopAt_);
    return next;
}

void PahoClient::runTimers(Deadline now) {
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

void PahoClient::on(PublishRequest& request) {
    const auto operation = newOperation(request.deadline);
    publications_.add(operation, std::move(request.message), std::move(request.done));
    if (request.deadline <= Clock::now()) publications_.expire(operation, kTooLate);
}

void PahoClient::on(SubscribeRequest& request) {
    if (isOver(request.deadline, request.done)) return;
    subscriptions_.subscribe(newOperation(request.deadline), std::move(request.filters),
                             request.qos, std::move(request.done));
}

void PahoClient::on(UnsubscribeRequest& request) {
    subscriptions_.unsubscribe(newOperation(request.deadline), request.filters,
                               online() || phase_ == Phase::restoring, std::move(request.done));
}

void PahoClient::on(RefusedRequest& request) {
    if (request.done) request.done(request.error);
}

void PahoClient::on(StartRequest& request) {
    if (phase_ != Phase::idle) return;
    handlers_ = std::move(request.handlers);
    connect();
}

void PahoClient::on(StopRequest& request) {
    if (stopping()) return;
    stopAt_ = request.deadline;
    if (phase_ == Phase::ready) {
        phase_ = Phase::draining;
    } else {
        leave();
    }
}

void PahoClient::on(FromSession& event) {
    if (event.session != session_->number() || phase_ == Phase::ended) return;
    std::visit([this](auto& each) { on(each); }, event.event);
}

bool PahoClient::isOver(Deadline deadline, DoneHandler& done) const {
    if (deadline > Clock::now()) return false;
    if (done) done(kTooLate);
    return true;
}

std::uint64_t PahoClient::newOperation(Deadline deadline) {
    const auto operation = nextOperation_++;
    deadlines_.add(deadline, operation);
    return operation;
}

void PahoClient::expire(std::uint64_t operation) {
    publications_.expire(operation,
                         online() ? Error{Errc::deadline, "not sent in time"} : notConnected());
    subscriptions_.expire(operation, online());
}

}  // namespace parlor::bus::paho
