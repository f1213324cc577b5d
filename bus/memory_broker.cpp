#include "bus/memory_broker.h"

#include <algorithm>

namespace parlor::bus {

using namespace memory;

namespace {

const Error kNoConnection{Errc::unavailable, "not connected to the broker"};
const Error kTooLate{Errc::deadline, "the deadline had passed already"};
const Error kStopped{Errc::unavailable, "the bus has been stopped"};

Message received(const Message& message, Qos granted, bool retain) {
    Message copy = message;
    copy.qos = std::min(message.qos, granted);
    copy.retain = retain;
    return copy;
}

void tellDone(Client& client, DoneHandler& done, Expected<void> result) {
    if (done) client.tell(Done{std::exchange(done, nullptr), std::move(result)});
}

}  // namespace

MemoryBroker::Impl::Impl() : thread_([this] { run(); }) {}

MemoryBroker::Impl::~Impl() {
    inbox_.push(Quit());
    thread_.join();
}

void MemoryBroker::Impl::run() {
    std::vector<Event> events;
    std::optional<Deadline> next;
    while (!quit_) {
        bell_.wait(-1, false, next);
        inbox_.take(events);
        for (auto& event : events) std::visit([this](auto& each) { on(each); }, event);
        const std::lock_guard lock(mutex_);
        next = expire(Clock::now());
    }
}

void MemoryBroker::Impl::report(Client& client, Report&& report) {
    inbox_.push(Reported{&client, std::move(report)});
}

std::future<void> MemoryBroker::Impl::handled() {
    Handled handled;
    auto done = handled.done.get_future();
    inbox_.push(std::move(handled));
    return done;
}

void MemoryBroker::Impl::start(const ClientPtr& client) {
    const std::lock_guard lock(mutex_);
    if (client->left) return;
    client->started = true;
    clients_.insert(client);
    if (!reachable_) return;
    connect(*client);
    performWaiting();
}

void MemoryBroker::Impl::request(Request&& request) {
    {
        const std::lock_guard lock(mutex_);
        if (!request.client->left) return take(request);
    }
    if (std::holds_alternative<Publish>(request.operation)) request.client->release();
    finish(doneOf(request.operation), kStopped);
}

void MemoryBroker::Impl::refuse(Client& client, DoneHandler done, const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        if (!client.left) return tellDone(client, done, error);
    }
    finish(done, kStopped);
}

bool MemoryBroker::Impl::leave(const ClientPtr& client, bool sendWill) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(client->left, true)) return false;
    if (client->connected) disconnect(*client, sendWill);
    failWaiting(*client);
    clients_.erase(client);
    return true;
}

void MemoryBroker::Impl::cut() {
    const std::lock_guard lock(mutex_);
    reachable_ = false;
    for (const auto& client : clients_) {
        if (!client->connected) continue;
        disconnect(*client, true);
        client->tell(State::disconnected);
    }
}

void MemoryBroker::Impl::restore() {
    const std::lock_guard lock(mutex_);
    reachable_ = true;
    for (const auto& client : clients_) {
        if (!client->connected) connect(*client);
    }
    performWaiting();
}

void MemoryBroker::Impl::dropRetained() {
    const std::lock_guard lock(mutex_);
    retained_.clear();
}

std::size_t MemoryBroker::Impl::countRetained() {
    const std::lock_guard lock(mutex_);
    sweepRetained(Clock::now());
    return retainedAtSweep_;
}

// When it is to be called next.
std::optional<Deadline> MemoryBroker::Impl::expire(Deadline now) {
    while (const auto number = deadlines_.takeDue(now)) {
        auto waiting = waiting_.extract(*number);
        if (waiting) fail(waiting.mapped(), kNoConnection);
    }
    deadlines_.compact(waiting_.size(), [this](auto id) { return waiting_.contains(id); });
    return deadlines_.next();
}

void MemoryBroker::Impl::take(Request& request) {
    if (request.client->connected || std::holds_alternative<Unsubscribe>(request.operation)) {
        if (request.deadline <= Clock::now()) return fail(request, kTooLate);
        return perform(*request.client, request.operation);
    }
    deadlines_.add(request.deadline, nextNumber_);
    waiting_.emplace(nextNumber_++, std::move(request));
    bell_.ring();
}

void MemoryBroker::Impl::performWaiting() {
    for (auto entry = waiting_.begin(); entry != waiting_.end();) {
        if (!entry->second.client->connected) {
            ++entry;
            continue;
        }
        auto request = std::move(entry->second);
        entry = waiting_.erase(entry);
        take(request);
    }
}

void MemoryBroker::Impl::failWaiting(const Client& client) {
    for (auto entry = waiting_.begin(); entry != waiting_.end();) {
        if (entry->second.client.get() != &client) {
            ++entry;
            continue;
        }
        fail(entry->second, kStopped);
        entry = waiting_.erase(entry);
    }
}

void MemoryBroker::Impl::connect(Client& client) {
    client.connected = true;
    for (const auto& [filter, qos] : client.kept) {
        add(client, filter, qos);
        sendRetained(client, filter, qos);
    }
    client.tell(State::connected);
}

void MemoryBroker::Impl::disconnect(Client& client, bool sendWill) {
    client.connected = false;
    for (const auto& [filter, qos] : client.kept) remove(client, filter);
    if (sendWill && client.will) route(Message(*client.will));
}

void MemoryBroker::Impl::fail(Request& request, const Error& error) {
    if (std::holds_alternative<Publish>(request.operation)) request.client->release();
    tellDone(*request.client, doneOf(request.operation), error);
}

void MemoryBroker::Impl::perform(Client& client, Operation& operation) {
    std::visit([&](auto& each) { perform(client, each); }, operation);
}

void MemoryBroker::Impl::perform(Client& client, Publish& publish) {
    client.release();
    route(std::move(publish.message));
    tellDone(client, publish.done, {});
}

void MemoryBroker::Impl::perform(Client& client, Subscribe& subscribe) {
    for (const auto& filter : subscribe.filters) {
        if (client.kept.contains(filter)) remove(client, filter);
        client.kept.insert_or_assign(filter, subscribe.qos);
        add(client, filter, subscribe.qos);
        sendRetained(client, filter, subscribe.qos);
    }
    tellDone(client, subscribe.done, {});
}

void MemoryBroker::Impl::perform(Client& client, Unsubscribe& unsubscribe) {
    for (const auto& filter : unsubscribe.filters) {
        if (client.kept.erase(filter) != 0 && client.connected) remove(client, filter);
        if (client.connected) continue;
        for (auto& [number, request] : waiting_) {  // one that is still to be made is not made
            auto* subscribe = std::get_if<Subscribe>(&request.operation);
            if (subscribe != nullptr && request.client.get() == &client) {
                std::erase(subscribe->filters, filter);
            }
        }
    }
    tellDone(client, unsubscribe.done, {});
}

void MemoryBroker::Impl::add(Client& client, const std::string& filter, Qos qos) {
    const auto parts = *parseFilter(filter);
    auto& subscribers = subscriptions_.at(parts.filter);
    if (parts.group.empty()) {
        subscribers.direct.push_back({&client, qos});
        return;
    }
    for (auto& group : subscribers.groups) {
        if (group.name == parts.group) return group.members.push_back({&client, qos});
    }
    subscribers.groups.push_back({std::string(parts.group), {{&client, qos}}});
}

void MemoryBroker::Impl::remove(Client& client, const std::string& filter) {
    const auto parts = *parseFilter(filter);
    const auto isClient = [&](const Subscriber& each) { return each.client == &client; };
    subscriptions_.update(parts.filter, [&](Subscribers& subscribers) {
        if (parts.group.empty()) {
            std::erase_if(subscribers.direct, isClient);
        } else {
            for (auto& group : subscribers.groups) {
                if (group.name == parts.group) std::erase_if(group.members, isClient);
            }
            std::erase_if(subscribers.groups, [](auto& group) { return group.members.empty(); });
        }
        return subscribers.empty();
    });
}

void MemoryBroker::Impl::route(Message&& message) {
    subscriptions_.match(message.topic, [&](Subscribers& subscribers) {
        const auto deliver = [&](const Subscriber& to) {
            to.client->tell(received(message, to.qos, false));
        };
        for (const auto& subscriber : subscribers.direct) deliver(subscriber);
        for (auto& group : subscribers.groups) {
            deliver(group.members[group.next++ % group.members.size()]);
        }
    });
    if (message.retain) store(std::move(message));
}

void MemoryBroker::Impl::store(Message&& message) {
    if (message.payload.empty()) return retained_.erase(message.topic);
    const auto now = Clock::now();
    auto& slot = retained_.at(message.topic);
    slot.expires = message.expiry.count() == 0 ? Deadline::max() : now + message.expiry;
    if (slot.message) {
        *slot.message = std::move(message);
    } else {
        slot.message = std::make_unique<Message>(std::move(message));
    }
    if (++storedSinceSweep_ > 1024 + retainedAtSweep_) sweepRetained(now);
}

void MemoryBroker::Impl::sweepRetained(Deadline now) {
    storedSinceSweep_ = 0;
    retainedAtSweep_ =
        retained_.eraseIf([now](const Retained& retained) { return retained.expires <= now; });
}

void MemoryBroker::Impl::sendRetained(Client& client, std::string_view filter, Qos qos) {
    const auto parts = *parseFilter(filter);
    if (!parts.group.empty()) return;
    const auto now = Clock::now();
    retained_.match(parts.filter, [&](const Retained& retained) {
        if (retained.expires <= now) return;
        Message copy = received(*retained.message, qos, true);
        if (retained.expires != Deadline::max()) {
            copy.expiry = std::chrono::ceil<std::chrono::seconds>(retained.expires - now);
        }
        client.tell(std::move(copy));
    });
}

}  // namespace parlor::bus
