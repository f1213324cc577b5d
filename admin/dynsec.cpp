#include "admin/dynsec.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "admin/rights.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;

// What one asynchronous operation came to, awaited by the thread that began it. Shared, as an
// operation may end after nobody waits for it any more.
class Outcome {
 public:
    bus::DoneHandler handler(const std::shared_ptr<Outcome>& self) {
        return [self](Expected<void> result) { self->set(std::move(result)); };
    }
    void set(Expected<void> result) {
        const std::lock_guard lock(mutex_);
        if (!result_) result_ = std::move(result);
        changed_.notify_all();
    }
    // The operation itself keeps to the deadline; the second more is for its handler to run.
    Expected<void> wait(bus::Deadline deadline) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline + std::chrono::seconds(1),
                            [this] { return result_.has_value(); });
        if (!result_) return Error{Errc::deadline, "the broker did not answer"};
        return *result_;
    }

 private:
    std::mutex mutex_;  // guards result_
    std::condition_variable changed_;
    std::optional<Expected<void>> result_;
};

bool endsWith(std::string_view text, std::string_view end) { return text.ends_with(end); }

Expected<json::object> resultOf(const json::object& response) {
    const auto* command = response.if_contains("command");
    const std::string name = command && command->is_string() ? std::string(command->get_string())
                                                             : std::string("command");
    if (const auto* error = response.if_contains("error")) {
        const std::string text =
            error->is_string() ? std::string(error->get_string()) : json::serialize(*error);
        const auto code = endsWith(text, "already exists") ? Errc::conflict
                          : endsWith(text, "not found")    ? Errc::notFound
                                                           : Errc::internal;
        return Error{code, name + ": " + text};
    }
    const auto* data = response.if_contains("data");
    return data && data->is_object() ? data->get_object() : json::object();
}

}  // namespace

// Answers as they come in, on the bus's thread.
class Dynsec::Inbox {
 public:
    void onMessage(const bus::Message& message) {
        boost::system::error_code failed;
        const auto parsed = json::parse(message.payload, failed);
        if (failed || !parsed.is_object()) return;
        const auto* responses = parsed.get_object().if_contains("responses");
        if (!responses || !responses->is_array()) return;
        const std::lock_guard lock(mutex_);
        for (const auto& response : responses->get_array()) {
            if (!response.is_object()) continue;
            const auto* id = response.get_object().if_contains("correlationData");
            if (!id || !id->is_string()) continue;
            const auto waiting = waiting_.find(std::string(id->get_string()));
            if (waiting != waiting_.end()) waiting->second = resultOf(response.get_object());
        }
        changed_.notify_all();
    }

    void expect(const std::vector<std::string>& ids) {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        for (const auto& id : ids) waiting_[id] = std::nullopt;
    }

    Expected<std::vector<Expected<json::object>>> wait(const std::vector<std::string>& ids,
                                                       bus::Deadline deadline) {
        std::unique_lock lock(mutex_);
        const bool all = changed_.wait_until(lock, deadline, [this] {
            return std::all_of(waiting_.begin(), waiting_.end(),
                               [](const auto& entry) { return entry.second.has_value(); });
        });
        if (!all) {
            return Error{Errc::deadline,
                         "the broker did not answer the command: has it the dynamic-security "
                         "plugin?"};
        }
        std::vector<Expected<json::object>> results;
        for (const auto& id : ids) results.push_back(*waiting_.at(id));
        waiting_.clear();
        return results;
    }

 private:
    std::mutex mutex_;  // guards waiting_
    std::condition_variable changed_;
    std::map<std::string, std::optional<Expected<json::object>>> waiting_;
};

Dynsec::Dynsec(std::unique_ptr<bus::Bus> bus)
    : inbox_(std::make_shared<Inbox>()), bus_(std::move(bus)) {}

Dynsec::~Dynsec() { bus_->stop(bus::Clock::now()); }

Expected<void> Dynsec::connect(bus::Deadline deadline) {
    const auto outcome = std::make_shared<Outcome>();
    bus_->start({.onMessage = [inbox = inbox_](bus::Message&& m) { inbox->onMessage(m); },
                 .onState = [](bus::State) {},
                 .onConnectFailed =
                     [outcome](const Error& error) {
                         // Waiting helps against an absent broker, not against one that refuses.
                         if (error.code == Errc::forbidden) outcome->set(error);
                     }});
    bus_->subscribe({kControlResponses}, bus::Qos::atLeastOnce, outcome->handler(outcome),
                    deadline);
    auto result = outcome->wait(deadline);
    if (!result && result.error().code == Errc::forbidden) {
        return Error{Errc::forbidden, "the broker refused this account: " + result.error().text};
    }
    return result;
}

Expected<std::vector<Expected<json::object>>> Dynsec::call(std::vector<json::object> commands,
                                                           bus::Deadline deadline) {
    if (commands.empty()) return std::vector<Expected<json::object>>();
    const std::string prefix = Ulid::generate().str();
    std::vector<std::string> ids;
    json::array list;
    for (auto& command : commands) {
        ids.push_back(prefix + "." + std::to_string(ids.size()));
        command["correlationData"] = ids.back();
        list.push_back(std::move(command));
    }
    inbox_->expect(ids);
    const auto sent = publish(
        {.topic = kControlTopic, .payload = json::serialize(json::object{{"commands", list}})},
        deadline);
    if (!sent) {
        if (sent.error().code != Errc::forbidden) return sent.error();
        return Error{Errc::forbidden, "this account may not manage accounts: " + sent.error().text};
    }
    return inbox_->wait(ids, deadline);
}

Expected<void> Dynsec::callAll(std::vector<json::object> commands, bus::Deadline deadline) {
    auto results = call(std::move(commands), deadline);
    if (!results) return results.error();
    for (auto& result : *results) {
        if (!result) return result.error();
    }
    return {};
}

Expected<void> Dynsec::publish(bus::Message message, bus::Deadline deadline) {
    const auto sent = std::make_shared<Outcome>();
    bus_->publish(std::move(message), sent->handler(sent), deadline);
    return sent->wait(deadline);
}

}  // namespace parlor::admin
