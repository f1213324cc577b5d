#include "bus/driven_bus.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <variant>

#include "bus/doorbell.h"
#include "bus/inbox.h"

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

class Driven final : public DrivenBus {
 public:
    explicit Driven(std::unique_ptr<Bus> bus) : bus_(std::move(bus)) {}
    ~Driven() override { stop(Clock::now()); }

    void drive(std::function<void()> wake) override { wake_ = std::move(wake); }
    Socket socket() const override { return {}; }
    bool wantsToWrite() const override { return false; }
    std::optional<Deadline> nextTurn() const override { return {}; }

    void turn(bool /*readable*/, bool /*writable*/) override {
        // Kept for its memory, but not without bound: a rush must not be paid for for ever.
        std::vector<Item> items = std::exchange(spare_, {});
        inbox_.take(items);
        for (auto& item : items) {
            std::visit([this](auto& each) { on(each); }, item);
        }
        items.clear();
        if (items.capacity() <= kMaxSpare) spare_ = std::move(items);
    }

    void beginStop(Deadline deadline) override {
        if (std::exchange(ended_, true)) return;
        bus_->stop(deadline);
        turn(false, false);
    }
    bool ended() const override { return ended_; }

    void start(Handlers handlers) override {
        handlers_ = std::move(handlers);
        bus_->start({.onMessage = [this](Message&& message) { push(std::move(message)); },
                     .onState = [this](State state) { push(state); },
                     .onConnectFailed = [this](const Error& error) { push(error); }});
    }
    void publish(Message message, DoneHandler done, Deadline deadline) override {
        bus_->publish(std::move(message), hop(std::move(done)), deadline);
    }
    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) override {
        bus_->subscribe(std::move(filters), qos, hop(std::move(done)), deadline);
    }
    void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                     Deadline deadline) override {
        bus_->unsubscribe(std::move(filters), hop(std::move(done)), deadline);
    }

 private:
    struct Done {
        DoneHandler handler;
        Expected<void> result;
    };
    using Item = std::variant<Message, State, Error, Done>;
    static constexpr std::size_t kMaxSpare = 1024;

    void push(Item item) { inbox_.push(std::move(item)); }
    DoneHandler hop(DoneHandler done) {
        if (!done) return nullptr;
        return [this, done = std::move(done)](Expected<void> result) {
            push(Done{done, std::move(result)});
        };
    }

    void on(Message& message) {
        if (handlers_.onMessage) handlers_.onMessage(std::move(message));
    }
    void on(State state) {
        if (handlers_.onState) handlers_.onState(state);
    }
    void on(const Error& error) {
        if (handlers_.onConnectFailed) handlers_.onConnectFailed(error);
    }
    void on(Done& done) { done.handler(std::move(done.result)); }

    std::function<void()> wake_;
    Inbox<Item> inbox_{[this] { wake_(); }};  // any thread
    Handlers handlers_;                       // constant after start()
    std::vector<Item> spare_;                 // empty
    bool ended_ = false;
    const std::unique_ptr<Bus> bus_;  // last: it calls back until it is gone
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

std::unique_ptr<DrivenBus> makeDriven(std::unique_ptr<Bus> bus) {
    return std::make_unique<Driven>(std::move(bus));
}

std::unique_ptr<Bus> makeThreaded(std::unique_ptr<DrivenBus> bus) {
    return std::make_unique<Threaded>(std::move(bus));
}

}  // namespace parlor::bus
