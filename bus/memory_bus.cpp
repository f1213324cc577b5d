#include "bus/memory_bus.h"

#include "bus/memory_broker.h"

namespace parlor::bus {
namespace {

using namespace memory;

const Error kStopped{Errc::unavailable, "the bus has been stopped"};

class MemoryClient final : public Bus {
 public:
    MemoryClient(std::shared_ptr<MemoryBroker::Impl> broker, std::string clientId,
                 std::optional<Message> will)
        : broker_(std::move(broker)),
          client_(std::make_shared<Client>(std::move(clientId), std::move(will))) {}

    ~MemoryClient() override { leave(true); }

    void start(Handlers handlers) override { broker_->post(Start{client_, std::move(handlers)}); }

    void stop(Deadline /*deadline*/) override { leave(false); }

    void publish(Message message, DoneHandler done, Deadline deadline) override {
        if (auto good = checkMessage(message); !good) return refuse(std::move(done), good.error());
        if (!client_->reserve()) {
            return refuse(std::move(done), {Errc::overloaded, "the publish queue is full"});
        }
        request(Publish{std::move(message), std::move(done)}, deadline);
    }

    void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                   Deadline deadline) override {
        if (auto good = checkFilters(filters); !good) return refuse(std::move(done), good.error());
        request(Subscribe{std::move(filters), qos, std::move(done)}, deadline);
    }

    void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                     Deadline deadline) override {
        request(Unsubscribe{std::move(filters), std::move(done)}, deadline);
    }

 private:
    void request(Operation operation, Deadline deadline) {
        Event event = Request{client_, std::move(operation), deadline};
        if (post(std::move(event))) return;
        auto& refused = std::get<Request>(event).operation;
        if (std::holds_alternative<Publish>(refused)) client_->release();
        finish(doneOf(refused), kStopped);
    }

    void refuse(DoneHandler done, const Error& error) {
        Event event = Refused{std::move(done), error};
        if (!post(std::move(event))) finish(std::get<Refused>(event).done, kStopped);
    }

    // False once the client has left: the event was left where it is.
    bool post(Event&& event) {
        const std::lock_guard lock(mutex_);
        return !left_ && broker_->post(std::move(event));
    }

    void leave(bool sendWill) {
        Leave leave{client_, sendWill, {}};
        auto left = leave.left.get_future();
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(left_, true)) return;
            if (!broker_->post(std::move(leave))) return;
        }
        left.wait();
    }

    const std::shared_ptr<MemoryBroker::Impl> broker_;
    const ClientPtr client_;
    std::mutex mutex_;
    bool left_ = false;  // guarded by mutex_; nothing is posted after Leave
};

}  // namespace

MemoryBroker::MemoryBroker() : impl_(std::make_shared<Impl>()) {}
MemoryBroker::~MemoryBroker() = default;

std::unique_ptr<Bus> MemoryBroker::makeClient(std::string clientId, std::optional<Message> will) {
    return std::make_unique<MemoryClient>(impl_, std::move(clientId), std::move(will));
}

void MemoryBroker::cutConnections() { impl_->post(memory::Cut()); }
void MemoryBroker::restoreConnections() { impl_->post(memory::Restore()); }
void MemoryBroker::dropRetained() { impl_->post(memory::DropRetained()); }

void MemoryBroker::drain() {
    memory::Drain drain;
    auto drained = drain.drained.get_future();
    impl_->post(std::move(drain));
    drained.wait();
}

std::size_t MemoryBroker::retainedCount() const {
    memory::CountRetained query;
    auto count = query.count.get_future();
    impl_->post(std::move(query));
    return count.get();
}

}  // namespace parlor::bus
