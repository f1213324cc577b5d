#include "tests/bus/test_client.h"

#include <atomic>

#include "proto/ids.h"

namespace parlor::bus::test {

TestClient::TestClient(std::unique_ptr<Bus> bus) : bus_(std::move(bus)) { bus_->start(handlers()); }

TestClient::~TestClient() { bus_.reset(); }

Handlers TestClient::handlers() {
    return {.onMessage =
                [this](Message&& message) {
                    const std::lock_guard lock(mutex_);
                    ++handlersRun_;
                    messages_.push_back(std::move(message));
                    changed_.notify_all();
                },
            .onState =
                [this](State state) {
                    const std::lock_guard lock(mutex_);
                    ++handlersRun_;
                    states_.push_back(state);
                    changed_.notify_all();
                },
            .onConnectFailed =
                [this](const Error& error) {
                    const std::lock_guard lock(mutex_);
                    ++handlersRun_;
                    connectFailures_.push_back(error);
                    changed_.notify_all();
                }};
}

std::optional<State> TestClient::nextState() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLimit, [this] { return !states_.empty(); })) return {};
    const State state = states_.front();
    states_.pop_front();
    return state;
}

std::string TestClient::nextConnectFailure() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLimit, [this] { return !connectFailures_.empty(); })) {
        return "none";
    }
    const Error error = std::move(connectFailures_.front());
    connectFailures_.pop_front();
    return outcome(error);
}

namespace {

Expected<void> waitFor(Answer& answer, Clock::duration limit) {
    auto result = answer.wait(limit + kLimit);
    return result ? *result : Error{Errc::internal, "the done-handler did not run"};
}

}  // namespace

Expected<void> TestClient::publish(Message message, Clock::duration limit) {
    Answer answer;
    bus_->publish(std::move(message), answer.handler(), Clock::now() + limit);
    return waitFor(answer, limit);
}

Expected<void> TestClient::subscribe(std::vector<std::string> filters, Clock::duration limit,
                                     Qos qos) {
    Answer answer;
    bus_->subscribe(std::move(filters), qos, answer.handler(), Clock::now() + limit);
    return waitFor(answer, limit);
}

Expected<void> TestClient::unsubscribe(std::vector<std::string> filters, Clock::duration limit) {
    Answer answer;
    bus_->unsubscribe(std::move(filters), answer.handler(), Clock::now() + limit);
    return waitFor(answer, limit);
}

std::optional<Message> TestClient::next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLimit, [this] { return !messages_.empty(); })) return {};
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

std::vector<std::string> TestClient::take(std::size_t count) {
    std::vector<std::string> taken;
    while (taken.size() < count) {
        const auto message = next();
        if (!message) break;
        taken.push_back(message->topic + "=" + message->payload);
    }
    return taken;
}

std::vector<std::string> TestClient::takeAll() {
    const std::string own = "echo/" + Ulid::generate().str();
    std::vector<std::string> taken;
    if (!subscribe({own}) || !publish(text(own, ""))) return {"no echo could be sent"};
    while (true) {
        const auto message = next();
        if (!message) {
            taken.emplace_back("no echo has come");
            return taken;
        }
        if (message->topic == own) break;
        taken.push_back(message->topic + "=" + message->payload);
    }
    if (!unsubscribe({own})) taken.emplace_back("cannot unsubscribe the echo");
    return taken;
}

std::size_t TestClient::handlersRun() const {
    const std::lock_guard lock(mutex_);
    return handlersRun_;
}

DoneHandler Answer::handler() {
    return [shared = shared_](const Expected<void>& result) {
        const std::lock_guard lock(shared->mutex);
        shared->result = result;
        shared->changed.notify_all();
    };
}

std::optional<Expected<void>> Answer::wait(Clock::duration limit) {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, limit, [this] { return shared_->result.has_value(); });
    return shared_->result;
}

std::string outcome(const Expected<void>& result) {
    if (result) return "ok";
    return errorCategory().message(static_cast<int>(result.error().code));
}

}  // namespace parlor::bus::test
