#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/bus.h"

namespace parlor::ledger::test {

// What the test and its FaultBus share.
struct Faults {
    std::atomic<bool> mute{false};    // publications are lost, as when the process dies before them
    std::atomic<int> untilMute{-1};   // publications that arrive before that; negative: no matter
    std::atomic<bool> deaf{false};    // publications arrive, and their confirmations are lost
    std::atomic<bool> late{false};    // events arrive with arrive(), or when their ledger stops
    std::atomic<int> lostReplies{0};  // what a ledger publishes last of what it has recorded
    std::string unheard;  // filters with this in them are not subscribed; before start()

    void hold(std::function<void()> publication) {
        const std::scoped_lock lock(mutex);
        held.push_back(std::move(publication));
    }
    void arrive() {
        late = false;
        std::vector<std::function<void()>> arriving;
        {
            const std::scoped_lock lock(mutex);
            arriving.swap(held);
        }
        for (const auto& publish : arriving) publish();
    }

 private:
    std::mutex mutex;
    std::vector<std::function<void()>> held;  // mutex
};

// A bus that loses what the test says.
class FaultBus final : public bus::Bus {
 public:
    FaultBus(std::unique_ptr<bus::Bus> inner, std::shared_ptr<Faults> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}

    void start(bus::Handlers handlers) override { inner_->start(std::move(handlers)); }
    void stop(bus::Deadline deadline) override { inner_->stop(deadline); }
    void publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) override {
        if (faults_->untilMute >= 0 && faults_->untilMute-- == 0) faults_->mute = true;
        if (faults_->mute) {
            if (message.topic.find("/reply/") != std::string::npos) ++faults_->lostReplies;
            return;
        }
        if (faults_->deaf) {
            done = [done = std::move(done)](const Expected<void>&) {
                if (done) done(Error{Errc::unavailable, "the connection broke"});
            };
        }
        if (faults_->late && std::string_view(message.topic).ends_with("/log")) {
            faults_->hold([this, message = std::move(message), done = std::move(done), deadline] {
                inner_->publish(message, done, deadline);
            });
            return;
        }
        inner_->publish(std::move(message), std::move(done), deadline);
    }
    void subscribe(std::vector<std::string> filters, bus::Qos qos, bus::DoneHandler done,
                   bus::Deadline deadline) override {
        if (!faults_->unheard.empty()) {
            std::erase_if(filters, [&](const std::string& filter) {
                return filter.find(faults_->unheard) != std::string::npos;
            });
        }
        inner_->subscribe(std::move(filters), qos, std::move(done), deadline);
    }
    void unsubscribe(std::vector<std::string> filters, bus::DoneHandler done,
                     bus::Deadline deadline) override {
        inner_->unsubscribe(std::move(filters), std::move(done), deadline);
        faults_->arrive();
    }

 private:
    const std::unique_ptr<bus::Bus> inner_;
    const std::shared_ptr<Faults> faults_;
};

}  // namespace parlor::ledger::test
