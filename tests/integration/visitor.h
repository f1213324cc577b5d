#pragma once

#include <string>
#include <vector>

#include "proto/ids.h"
#include "tests/integration/http_client.h"

namespace parlor::test {

// A visitor's browser, reduced to its requests. Each call names the replica it goes to.
class Visitor {
 public:
    explicit Visitor(const std::string& address) {
        const auto response = http(
            address, {.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
        if (response.status != 201) throw std::runtime_error("opening: " + response.body);
        const auto body = response.json();
        conversation_ = std::string(body.at("conversation").as_string());
        token_ = std::string(body.at("token").as_string());
        opened_ = std::string(body.at("cursor").as_string());
    }

    const std::string& conversation() const { return conversation_; }
    const std::string& token() const { return token_; }
    const std::string& cursor() const { return cursor_; }
    const std::string& openedCursor() const { return opened_; }
    std::string path(const std::string& rest) const {
        return "/v1/conversations/" + conversation_ + "/" + rest;
    }

    HttpResponse post(const std::string& address, const std::string& text,
                      const std::string& requestId = RequestId::generate().str(),
                      std::map<std::string, std::string> headers = {}) const {
        const boost::json::object body = {{"request_id", requestId}, {"message", {{"text", text}}}};
        return http(address, {.method = "POST",
                              .target = path("events"),
                              .body = boost::json::serialize(body),
                              .token = token_,
                              .headers = std::move(headers)});
    }

    // One poll from where this visitor stands; takes what comes. `wait` seconds, 0: short polling.
    HttpResponse poll(const std::string& address, int wait) {
        auto target = path("events?after=" + cursor_);
        if (wait > 0) target += "&wait=" + std::to_string(wait);
        auto response = http(address, {.target = target, .token = token_});
        if (response.status == 200) take(response.json());
        return response;
    }

    // Takes an {"events", "cursor"} as it came over any transport.
    void take(const boost::json::object& body) {
        for (const auto& event : body.at("events").as_array()) events_.push_back(event.as_object());
        cursor_ = std::string(body.at("cursor").as_string());
    }

    const std::vector<boost::json::object>& events() const { return events_; }
    std::vector<std::int64_t> sequence() const {
        std::vector<std::int64_t> numbers;
        for (const auto& event : events_) {
            numbers.push_back(boost::json::value_to<std::int64_t>(event.at("seq")));
        }
        return numbers;
    }
    std::vector<std::string> messages() const {
        std::vector<std::string> texts;
        for (const auto& event : events_) {
            if (event.at("type") != "message") continue;
            texts.emplace_back(event.at("message").at("text").as_string());
        }
        return texts;
    }

 private:
    std::string conversation_;
    std::string token_;
    std::string opened_;
    std::string cursor_ = "0";
    std::vector<boost::json::object> events_;
};

// 1, 2, 3 … count
inline std::vector<std::int64_t> countTo(std::size_t count) {
    std::vector<std::int64_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::int64_t>(i) + 1;
    return numbers;
}

}  // namespace parlor::test
