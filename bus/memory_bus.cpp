#include "bus/memory_bus.h"

#include "bus/memory_broker.h"

namespace parlor::bus {
namespace {

using namespace memory;

// A client of the broker, but for how its reports are handled. `Interface`: Bus or DrivenBus.
template <class Interface>
class MemoryClient : public Interface {
 public:
    void start(Handlers handlers) final {
        client_->handlers = std::move(handlers);
        broker_->start(client_);
    }

    void publish(Message message, DoneHandler done, Deadline deadline) final {
        if (auto good = checkMessage(message); !good) return refuse(std::move(done), good.error());
        if (!client_->reserve()) {
            return refuse(std::move(done), {Errc::overloaded, "the publish queue is full"});
        }
        broker_->request({client_, Publish{std::move(message), std::move(done)}, deadline});
    }

    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) final {
        if (auto good = checkFilters(filters); !good) return refuse(std::move(done), good.error());
        broker_->request({client_, Subscribe{std::move(filters), qos, std::move(done)}, deadline});
    }

    void unsubscribe(std::vector<std::string> filters, DoneHandler done, Deadline deadline) final {
        broker_->request({client_, Unsubscribe{std::move(filters), std::move(done)}, deadline});
    }

 protected:
    MemoryClient(std::shared_ptr<MemoryBroker::Impl> broker, std::string clientId,
                 std::optional<Message> will)
        : broker_(std::move(broker)),
          client_(std::make_shared<Client>(std::move(clientId), std::move(will))) {}

    const std::shared_ptr<MemoryBroker::Impl> broker_;
    const ClientPtr client_;

 private:
    void refuse(DoneHandler done, const Error& error) {
        broker_->refuse(*client_, std::move(done), error);
    }
};

// Its handlers run on the broker's thread.
class ThreadedClient final : public MemoryClient<Bus> {
 public:
    ThreadedClient(std::shared_ptr<MemoryBroker::Impl> broker, std::string clientId,
                   std::optional<Message> will)
        : MemoryClient(std::move(broker), std::move(clientId), std::move(will)) {
        client_->tell = [this](Report&& report) { broker_->report(*client_, std::move(report)); };
    }
    ~ThreadedClient() override { leave(true); }

    void stop(Deadline /*deadline*/) override { leave(false); }

 private:
    void leave(bool sendWill) {
        if (broker_->leave(client_, sendWill)) broker_->handled().wait();
    }
};

// Its handlers run in its owner's turns.
class DrivenClient final : public MemoryClient<DrivenBus> {
 public:
    DrivenClient(std::shared_ptr<MemoryBroker::Impl> broker, std::string clientId,
                 std::optional<Message> will)
        : MemoryClient(std::move(broker), std::move(clientId), std::move(will)) {
        client_->tell = [this](Report&& report) { inbox_.push(std::move(report)); };
    }
    ~DrivenClient() override { leave(true); }

    void drive(std::function<void()> wake) override { wake_ = std::move(wake); }
    Socket socket() const override { return {}; }
    bool wantsToWrite() const override { return false; }
    std::optional<Deadline> nextTurn() const override { return {}; }

    void turn(bool /*readable*/, bool /*writable*/) override {
        // Kept for its memory, but not without bound: a rush must not be paid for for ever.
        auto reports = std::exchange(spare_, {});
        inbox_.take(reports);
        for (auto& report : reports) client_->handle(report);
        reports.clear();
        if (reports.capacity() <= kMaxSpare) spare_ = std::move(reports);
    }

    void beginStop(Deadline /*deadline*/) override { leave(false); }
    bool ended() const override { return ended_; }

 private:
    static constexpr std::size_t kMaxSpare = 1024;

    void leave(bool sendWill) {
        if (std::exchange(ended_, true)) return;
        broker_->leave(client_, sendWill);
        turn(false, false);
    }

    std::function<void()> wake_;                // constant after drive()
    Inbox<Report> inbox_{[this] { wake_(); }};  // any thread
    std::vector<Report> spare_;                 // empty
    bool ended_ = false;
};

}  // namespace

MemoryBroker::MemoryBroker() : impl_(std::make_shared<Impl>()) {}
MemoryBroker::~MemoryBroker() = default;

std::unique_ptr<Bus> MemoryBroker::makeClient(std::string clientId, std::optional<Message> will) {
    return std::make_unique<ThreadedClient>(impl_, std::move(clientId), std::move(will));
}

std::unique_ptr<DrivenBus> MemoryBroker::makeDrivenClient(std::string clientId,
                                                          std::optional<Message> will) {
    return std::make_unique<DrivenClient>(impl_, std::move(clientId), std::move(will));
}

void MemoryBroker::cutConnections() { impl_->cut(); }
void MemoryBroker::restoreConnections() { impl_->restore(); }
void MemoryBroker::dropRetained() { impl_->dropRetained(); }
void MemoryBroker::drain() { impl_->handled().wait(); }
std::size_t MemoryBroker::retainedCount() const { return impl_->countRetained(); }

}  // namespace parlor::bus
