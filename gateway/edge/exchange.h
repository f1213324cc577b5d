#pragma once

// One request and what belongs to answering it.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/edge/response.h"
#include "gateway/edge/routes.h"
#include "gateway/edge/services.h"

namespace parlor::gateway {

struct Exchange {
    http::request<http::string_body> request;
    AnswerContext context;
    Target target;
    std::string client;       // the key of rates by address; empty: nobody to count
    std::string traceparent;  // of the post, opening or transcript that it is; else empty
    std::string subject;      // for the log: ids only, " conversation=…"
    Route route{Call::file, {}};

    std::string_view header(http::field name) const {
        const auto value = request[name];
        return {value.data(), value.size()};
    }
    std::string_view header(std::string_view name) const {
        const auto value = request[beast::string_view(name.data(), name.size())];
        return {value.data(), value.size()};
    }
    // All lines of a field whose value is a list, as one (RFC 9110, section 5.3).
    std::string list(std::string_view name) const {
        std::string all;
        const auto lines = request.equal_range(beast::string_view(name.data(), name.size()));
        for (auto line = lines.first; line != lines.second; ++line) {
            if (!all.empty()) all += ", ";
            all.append(line->value().data(), line->value().size());
        }
        return all;
    }
};

// Either what was asked for, or the answer that refuses it.
template <class T>
struct Checked {
    std::optional<T> value;
    Response refusal;

    static Checked ok(T value) { return {std::move(value), {}}; }
    static Checked no(Response refusal) { return {std::nullopt, std::move(refusal)}; }
    explicit operator bool() const { return value.has_value(); }
};

// The token's grant: 401 without a good one. Allows the site's origins from then on (sets
// context.allowOrigin); 403 for an Origin that the site does not list, 404 for a site that is not
// served here.
Checked<Grant> authorise(Services& services, Exchange& exchange);
// The same, and 403 where the token names another conversation than the path.
Checked<Grant> authoriseConversation(Services& services, Exchange& exchange);
// 404 for a site that is not served here, 403 for an Origin that it does not list.
Checked<SiteId> admitSite(Services& services, Exchange& exchange, std::string_view name);
// How long a grant still holds; zero where it does not.
inline Duration lifetimeOf(const Grant& grant) {
    return std::max(Duration::zero(), std::chrono::duration_cast<Duration>(
                                          grant.expires - std::chrono::system_clock::now()));
}

// Where a rate is used up: when to come again. Counted. `address` is an Exchange's client.
std::optional<std::chrono::seconds> overRate(Services& services, RateLimiter& rate,
                                             std::string_view address);
std::optional<std::chrono::seconds> overRate(Services& services, VisitorLimiter& rate,
                                             const ConversationId& conversation,
                                             std::string_view address);
// 429 with Retry-After.
Response tooManyRequests(std::chrono::seconds wait);
// 415 where the body is not JSON.
std::optional<Response> refuseContentType(const Exchange& exchange);
// The answer to OPTIONS (the Fetch standard's CORS preflight, or plain).
Response preflight(const Services& services, Exchange& exchange);

}  // namespace parlor::gateway
