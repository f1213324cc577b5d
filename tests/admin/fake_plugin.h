#pragma once

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "admin/rights.h"
#include "bus/memory_bus.h"

namespace parlor::admin {

// Plays the dynamic-security plugin on an in-process broker: every batch of commands is kept and
// answered with what `answer` makes of it.
class FakePlugin {
 public:
    using Commands = boost::json::array;
    // The payloads to send back, in order.
    using Answer = std::function<std::vector<std::string>(const Commands&)>;

    FakePlugin(bus::MemoryBroker& broker, Answer answer)
        : answer_(std::move(answer)), bus_(broker.makeClient("plugin")) {
        bus_->start({.onMessage = [this](bus::Message&& message) { onMessage(message); },
                     .onState = [](bus::State) {}});
        bus_->subscribe({kControlTopic}, bus::Qos::atLeastOnce, {},
                        bus::Clock::now() + std::chrono::seconds(5));
        broker.drain();
    }
    ~FakePlugin() { bus_->stop(bus::Clock::now()); }
    FakePlugin(const FakePlugin&) = delete;
    FakePlugin& operator=(const FakePlugin&) = delete;

    std::vector<Commands> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    // A proper answer: `results` are the members beside command and correlationData.
    static std::string responses(const Commands& commands,
                                 const std::vector<boost::json::object>& results) {
        boost::json::array list;
        for (std::size_t i = 0; i < commands.size(); ++i) {
            auto entry = i < results.size() ? results[i] : boost::json::object();
            entry["command"] = commands[i].at("command");
            entry["correlationData"] = commands[i].at("correlationData");
            list.push_back(std::move(entry));
        }
        return boost::json::serialize(boost::json::object{{"responses", std::move(list)}});
    }

 private:
    void onMessage(const bus::Message& message) {
        const auto commands = boost::json::parse(message.payload).at("commands").as_array();
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(commands);
        }
        for (auto& payload : answer_(commands)) {
            bus_->publish({.topic = kControlResponses, .payload = std::move(payload)}, {},
                          bus::Clock::now() + std::chrono::seconds(5));
        }
    }

    const Answer answer_;
    mutable std::mutex mutex_;  // guards asked_
    std::vector<Commands> asked_;
    const std::unique_ptr<bus::Bus> bus_;
};

}  // namespace parlor::admin
