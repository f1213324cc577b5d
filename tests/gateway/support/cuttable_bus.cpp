#include "tests/gateway/support/cuttable_bus.h"

#include <future>

namespace parlor::gateway::test {
namespace {

const Error kAway{Errc::unavailable, "cut"};

}  // namespace

CuttableBus::CuttableBus(bus::MemoryBroker& broker, std::string clientId)
    : broker_(broker), clientId_(std::move(clientId)), client_(broker.makeClient(clientId_)) {}

CuttableBus::~CuttableBus() = default;

std::shared_ptr<bus::Bus> CuttableBus::client() {
    const std::lock_guard lock(mutex_);
    return client_;
}

void CuttableBus::start(bus::Handlers handlers) {
    handlers_ = std::move(handlers);
    if (const auto to = client()) to->start(handlers_);
}

void CuttableBus::stop(bus::Deadline deadline) {
    if (const auto to = client()) to->stop(deadline);
}

void CuttableBus::cut() {
    std::shared_ptr<bus::Bus> gone;
    {
        const std::lock_guard lock(mutex_);
        gone = std::exchange(client_, nullptr);
        cut_ = true;
    }
    gone->stop(bus::Clock::now());
    handlers_.onState(bus::State::disconnected);
}

void CuttableBus::restore() {
    std::vector<std::string> filters;
    std::shared_ptr<bus::Bus> fresh = broker_.makeClient(clientId_);
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [filter, qos] : kept_) filters.push_back(filter);
    }
    // Subscribed again before it reports that it is connected, as the port promises.
    fresh->start({.onMessage = handlers_.onMessage, .onState = [](bus::State) {}});
    std::promise<void> granted;
    fresh->subscribe(
        filters, bus::Qos::atLeastOnce, [&](const Expected<void>&) { granted.set_value(); },
        bus::Clock::now() + std::chrono::seconds(10));
    granted.get_future().wait();
    {
        const std::lock_guard lock(mutex_);
        client_ = fresh;
        cut_ = false;
    }
    handlers_.onState(bus::State::connected);
}

void CuttableBus::publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) {
    if (const auto to = client()) return to->publish(std::move(message), std::move(done), deadline);
    if (done) done(kAway);
}

void CuttableBus::subscribe(std::vector<std::string> filters, bus::Qos qos, bus::DoneHandler done,
                            bus::Deadline deadline) {
    const auto to = client();
    if (!to) return done(kAway);
    {
        const std::lock_guard lock(mutex_);
        for (const auto& filter : filters) kept_[filter] = qos;
    }
    to->subscribe(std::move(filters), qos, std::move(done), deadline);
}

void CuttableBus::unsubscribe(std::vector<std::string> filters, bus::DoneHandler done,
                              bus::Deadline deadline) {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& filter : filters) kept_.erase(filter);
    }
    if (const auto to = client()) {
        return to->unsubscribe(std::move(filters), std::move(done), deadline);
    }
    if (done) done({});
}

}  // namespace parlor::gateway::test
