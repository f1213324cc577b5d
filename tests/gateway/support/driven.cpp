#include "tests/gateway/support/driven.h"

#include <variant>

#include "bus/inbox.h"

namespace parlor::gateway::test {
namespace {

using namespace bus;

class Driven final : public DrivenBus {
 public:
    explicit Driven(std::unique_ptr<Bus> bus) : bus_(std::move(bus)) {}
    ~Driven() override { stop(Clock::now()); }

    void drive(std::function<void()> wake) override { wake_ = std::move(wake); }
    Socket socket() const override { return {}; }
    bool wantsToWrite() const override { return false; }
    std::optional<Deadline> nextTurn() const override { return {}; }

    void turn(bool /*readable*/, bool /*writable*/) override {
        std::vector<Item> items;
        inbox_.take(items);
        for (auto& item : items) std::visit([this](auto& each) { on(each); }, item);
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
    bool ended_ = false;
    const std::unique_ptr<Bus> bus_;  // last: it calls back until it is gone
};

}  // namespace

std::unique_ptr<DrivenBus> makeDriven(std::unique_ptr<Bus> bus) {
    return std::make_unique<Driven>(std::move(bus));
}

}  // namespace parlor::gateway::test
