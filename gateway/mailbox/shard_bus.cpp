#include "gateway/mailbox/shard_bus.h"

#include <utility>

namespace parlor::gateway {

ShardBus::ShardBus(std::unique_ptr<bus::Bus> bus, std::function<void()> wake, Stats& stats)
    : bus_(std::move(bus)), wake_(std::move(wake)), stats_(stats) {}

ShardBus::~ShardBus() { stop(bus::Clock::now()); }

void ShardBus::start(Handlers handlers) {
    handlers_ = std::move(handlers);
    bus_->start({.onMessage = [this](bus::Message&& message) { push(std::move(message)); },
                 .onState = [this](bus::State state) { push(state); }});
}

void ShardBus::stop(bus::Deadline deadline) {
    if (std::exchange(stopped_, true)) return;
    bus_->stop(deadline);
    connected_ = false;
    stats_.busConnected.set(0);
}

void ShardBus::push(Item item) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        if (const auto* message = std::get_if<bus::Message>(&item)) {
            const std::size_t bytes = message->payload.size() + message->topic.size();
            if (inboxBytes_ + bytes > kMaxInboxBytes) {
                full_.fetch_add(1, std::memory_order_relaxed);
                return;
            }
            inboxBytes_ += bytes;
        }
        first = inbox_.empty();
        inbox_.push_back(std::move(item));
    }
    if (first) wake_();
}

std::size_t ShardBus::dispatch() {
    // Kept for its memory, but not without bound: a rush of messages must not be paid for for ever.
    std::vector<Item> batch = std::exchange(spare_, {});
    {
        const std::lock_guard lock(mutex_);
        batch.swap(inbox_);
        inboxBytes_ = 0;
    }
    const std::uint64_t full = full_.load(std::memory_order_relaxed);
    stats_.dropped(Drop::inboxFull).add(full - std::exchange(fullReported_, full));
    for (Item& item : batch) {
        if (stopped_) break;
        if (auto* message = std::get_if<bus::Message>(&item)) {
            handlers_.onMessage(std::move(*message));
        } else if (auto* state = std::get_if<bus::State>(&item)) {
            connected_ = *state == bus::State::connected;
            stats_.busConnected.set(connected_ ? 1 : 0);
            handlers_.onState(*state);
        } else {
            auto& done = std::get<Done>(item);
            done.handler(done.result);
        }
    }
    const std::size_t count = batch.size();
    batch.clear();
    if (batch.capacity() <= kMaxSpare) spare_ = std::move(batch);
    return count;
}

bus::DoneHandler ShardBus::hop(bus::DoneHandler done) {
    if (!done) return nullptr;
    return [this, done = std::move(done)](Expected<void> result) {
        push(Done{done, std::move(result)});
    };
}

void ShardBus::publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) {
    bus_->publish(std::move(message), hop(std::move(done)), deadline);
}

void ShardBus::subscribe(std::vector<std::string> filters, bus::DoneHandler done,
                         bus::Deadline deadline) {
    bus_->subscribe(std::move(filters), bus::Qos::atLeastOnce, hop(std::move(done)), deadline);
}

void ShardBus::unsubscribe(std::vector<std::string> filters, bus::Deadline deadline) {
    bus_->unsubscribe(std::move(filters), nullptr, deadline);
}

}  // namespace parlor::gateway
