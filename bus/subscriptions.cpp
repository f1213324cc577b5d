#include "bus/subscriptions.h"

#include <algorithm>
#include <iterator>

#include "bus/reason.h"

namespace parlor::bus::client {

void Subscriptions::subscribe(std::uint64_t operation, std::vector<std::string> filters, Qos qos,
                              DoneHandler done) {
    for (const auto& filter : filters) {
        auto& entry = filters_[filter];
        entry.qos = qos;
        entry.asked = operation;
    }
    auto& made = operations_[operation];
    made.subscribes = true;
    made.filters = filters;
    made.done = std::move(done);
    enqueue(Kind::subscribe, operation, qos, std::move(filters));
}

void Subscriptions::unsubscribe(std::uint64_t operation, const std::vector<std::string>& filters,
                                bool connected, DoneHandler done) {
    std::vector<std::string> known;
    for (const auto& filter : filters) {
        if (filters_.erase(filter) != 0 && connected) known.push_back(filter);
    }
    auto& made = operations_[operation];
    made.subscribes = false;
    made.done = std::move(done);
    enqueue(Kind::unsubscribe, operation, Qos::atMostOnce, std::move(known));
}

// An operation without filters is done at once.
void Subscriptions::enqueue(Kind kind, std::uint64_t operation, Qos qos,
                            std::vector<std::string> filters) {
    std::size_t packets = 0;
    for (std::size_t from = 0; from < filters.size(); from += kFiltersPerPacket, ++packets) {
        const auto size = std::min(kFiltersPerPacket, filters.size() - from);
        const auto first = std::make_move_iterator(filters.begin()) + static_cast<long>(from);
        queue_.push_back({kind, operation, qos, {first, first + static_cast<long>(size)}});
    }
    if (kind == Kind::restore) {
        toRestore_ += packets;
    } else if (packets == 0) {
        finish(operation, {});
    } else if (operation != 0) {
        operations_[operation].packetsLeft = packets;
    }
}

void Subscriptions::restore() {
    restoreFailure_.reset();
    toRestore_ = 0;
    std::deque<Packet> later = std::exchange(queue_, {});
    for (const Qos qos : {Qos::atMostOnce, Qos::atLeastOnce}) {
        std::vector<std::string> kept;
        for (const auto& [filter, entry] : filters_) {
            if (entry.kept && entry.qos == qos) kept.push_back(filter);
        }
        enqueue(Kind::restore, 0, qos, std::move(kept));
    }
    std::move(later.begin(), later.end(), std::back_inserter(queue_));
}

bool Subscriptions::send(Session& session) {
    while (!queue_.empty() && inFlight_.size() < kPacketsInFlight) {
        auto packet = std::move(queue_.front());
        queue_.pop_front();
        dropUnwanted(packet);
        if (packet.filters.empty()) {
            packetDone(packet);
        } else if (!sendOne(session, std::move(packet))) {
            return false;
        }
    }
    return true;
}

// Filters that were unsubscribed, or whose operation is over, since the packet was queued.
void Subscriptions::dropUnwanted(Packet& packet) const {
    if (packet.kind == Kind::unsubscribe) return;
    const bool over = packet.kind == Kind::subscribe && !operations_.contains(packet.operation);
    std::erase_if(packet.filters,
                  [&](const std::string& filter) { return over || !filters_.contains(filter); });
}

bool Subscriptions::sendOne(Session& session, Packet packet) {
    const auto id = nextPacket_++;
    const auto sent = packet.kind == Kind::unsubscribe
                          ? session.unsubscribe(id, packet.filters)
                          : session.subscribe(id, packet.filters, packet.qos);
    if (!sent) {
        queue_.push_front(std::move(packet));
        return false;
    }
    const auto operation = operations_.find(packet.operation);
    if (operation != operations_.end()) operation->second.sent = true;
    inFlight_.emplace(id, std::move(packet));
    return true;
}

void Subscriptions::onGranted(const Granted& granted) {
    auto found = inFlight_.extract(granted.id);
    if (!found) return;
    ++answers_;
    auto& packet = found.mapped();
    auto& filters = packet.filters;
    if (packet.kind == Kind::unsubscribe) {
        for (const auto& filter : filters) settle(packet, filter, granted.reasons.front());
        filters.clear();
    }
    const auto known = std::min(filters.size(), granted.reasons.size());
    for (std::size_t i = 0; i < known; ++i) settle(packet, filters[i], granted.reasons[i]);
    filters.erase(filters.begin(), filters.begin() + static_cast<long>(known));
    if (filters.empty()) {
        packetDone(packet);
    } else {  // asks again for those that nothing is known of
        queue_.push_front(std::move(packet));
    }
}

void Subscriptions::settle(const Packet& packet, const std::string& filter, int reason) {
    const auto entry = filters_.find(filter);
    const bool refused = reason >= kRefused;
    if (packet.kind != Kind::unsubscribe && entry != filters_.end()) {
        if (!refused) {
            entry->second.kept = true;
        } else if (packet.kind == Kind::restore) {
            auto error = refusal(reason, "subscribe");
            // The broker has changed its mind about this client's rights: it has to live with that.
            if (error.code == Errc::forbidden) {
                filters_.erase(entry);
            } else if (!restoreFailure_) {
                restoreFailure_ = std::move(error);
            }
        } else if (entry->second.asked == packet.operation) {
            filters_.erase(entry);
        }
    }
    const auto operation = operations_.find(packet.operation);
    if (refused && operation != operations_.end() && !operation->second.failure) {
        operation->second.failure =
            refusal(reason, packet.kind == Kind::unsubscribe ? "unsubscribe" : "subscribe");
    }
}

void Subscriptions::packetDone(const Packet& packet) {
    if (packet.kind == Kind::restore) {
        --toRestore_;
        return;
    }
    const auto operation = operations_.find(packet.operation);
    if (operation == operations_.end() || --operation->second.packetsLeft != 0) return;
    if (operation->second.failure) {
        finish(packet.operation, Error(*operation->second.failure));
    } else {
        finish(packet.operation, {});
    }
}

void Subscriptions::onBroken() {
    std::vector<std::pair<std::uint64_t, Packet>> packets;
    for (auto& [id, packet] : inFlight_) packets.emplace_back(id, std::move(packet));
    inFlight_.clear();
    std::sort(packets.begin(), packets.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    auto queued = std::exchange(queue_, {});
    for (auto& packet : queued) packets.emplace_back(0, std::move(packet));
    for (auto& [id, packet] : packets) {
        if (packet.kind == Kind::subscribe) {
            queue_.push_back(std::move(packet));
        } else {
            packetDone(packet);
        }
    }
    toRestore_ = 0;
}

void Subscriptions::expire(std::uint64_t operation, bool connected) {
    const auto found = operations_.find(operation);
    if (found == operations_.end()) return;
    const bool sent = found->second.sent;
    if (found->second.subscribes) {
        std::vector<std::string> unwanted;
        for (auto& filter : found->second.filters) {
            const auto entry = filters_.find(filter);
            if (entry == filters_.end() || entry->second.kept || entry->second.asked != operation) {
                continue;
            }
            filters_.erase(entry);
            if (sent && connected) unwanted.push_back(std::move(filter));
        }
        // The broker may grant them yet.
        if (!unwanted.empty()) {
            enqueue(Kind::unsubscribe, 0, Qos::atMostOnce, std::move(unwanted));
        }
    }
    if (connected) {
        finish(operation, Error{Errc::deadline, "the broker did not answer in time"});
    } else {
        finish(operation, Error{Errc::unavailable, "not connected to the broker"});
    }
}

void Subscriptions::failAll(const Error& error) {
    std::vector<std::uint64_t> all;
    for (const auto& [id, operation] : operations_) all.push_back(id);
    std::sort(all.begin(), all.end());
    for (const auto id : all) finish(id, error);
}

void Subscriptions::finish(std::uint64_t operation, const Expected<void>& result) {
    auto found = operations_.extract(operation);
    if (found && found.mapped().done) found.mapped().done(result);
}

}  // namespace parlor::bus::client
