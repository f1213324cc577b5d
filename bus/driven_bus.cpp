#include "bus/driven_bus.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "bus/doorbell.h"

namespace parlor::bus {
namespace {

class Threaded final : public Bus {
 public:
    explicit Threaded(std::unique_ptr<DrivenBus> bus) : bus_(std::move(bus)) {
        bus_->drive([this] { bell_.ring(); });
        thread_ = std::thread([this] {
            while (!bus_->ended()) {
                const auto ready =
                    bell_.wait(bus_->socket().fd, bus_->wantsToWrite(), bus_->nextTurn());
                bus_->turn(ready.readable, ready.writable);
            }
        });
    }
    ~Threaded() override { stop(Clock::now()); }

    void start(Handlers handlers) override { bus_->start(std::move(handlers)); }
    void stop(Deadline deadline) override {
        bus_->beginStop(deadline);
        const std::lock_guard lock(joining_);
        if (thread_.joinable()) thread_.join();
    }
    void publish(Message message, DoneHandler done, Deadline deadline) override {
        bus_->publish(std::move(message), std::move(done), deadline);
    }
    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) override {
        bus_->subscribe(std::move(filters), qos, std::move(done), deadline);
    }
    void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                     Deadline deadline) override {
        bus_->unsubscribe(std::move(filters), std::move(done), deadline);
    }

 private:
    Doorbell bell_;
    const std::unique_ptr<DrivenBus> bus_;
    std::mutex joining_;  // guards thread_.join()
    std::thread thread_;
};

}  // namespace

void DrivenBus::stop(Deadline deadline) {
    beginStop(deadline);
    // Nobody else wakes it now but its socket, and threads that ask something of it: they are
    // answered by the next turn.
    constexpr std::chrono::milliseconds kStep{10};
    Doorbell bell;
    while (!ended()) {
        const auto step = Clock::now() + kStep;
        const auto next = nextTurn();
        const auto ready =
            bell.wait(socket().fd, wantsToWrite(), next ? std::min(*next, step) : step);
        turn(ready.readable, ready.writable);
    }
}

std::unique_ptr<Bus> makeThreaded(std::unique_ptr<DrivenBus> bus) {
    return std::make_unique<Threaded>(std::move(bus));
}

}  // namespace parlor::bus
