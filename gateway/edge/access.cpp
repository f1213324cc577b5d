#include <algorithm>

#include "gateway/edge/exchange.h"

namespace parlor::gateway {
namespace {

constexpr std::string_view kBearer = "Bearer ";

bool sameNoCase(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        };
        return lower(x) == lower(y);
    });
}

// Empty where it is not in the header.
std::string_view bearerOf(const Exchange& exchange) {
    const std::string_view header = exchange.header(http::field::authorization);
    if (header.size() <= kBearer.size() || !sameNoCase(header.substr(0, kBearer.size()), kBearer)) {
        return {};
    }
    return header.substr(kBearer.size());
}

Response unauthorised(std::string_view detail) {
    Response response = problem(401, "unauthorized", detail);
    response.headers = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
    return response;
}

// "https://host:port" against the Host header: whatever stands before the gateway may have ended
// TLS, so the scheme does not count.
bool sameOrigin(std::string_view origin, std::string_view host) {
    const auto scheme = origin.find("://");
    return scheme != std::string_view::npos && !host.empty() &&
           sameNoCase(origin.substr(scheme + 3), host);
}

std::optional<std::chrono::seconds> countOver(Stats& stats, std::optional<Duration> wait) {
    if (!wait) return {};
    stats.rateLimited.add();
    return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(*wait));
}

bool admitOrigin(const SiteConfig& site, Exchange& exchange) {
    const std::string_view origin = exchange.header(http::field::origin);
    if (origin.empty()) return true;
    if (site.allows(origin)) {
        exchange.context.allowOrigin = site.anyOrigin ? "*" : std::string(origin);
        return true;
    }
    return sameOrigin(origin, exchange.header(http::field::host));
}

}  // namespace

bool isOrigin(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        const std::string_view host = text.substr(scheme.size());
        return !host.empty() &&
               host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") ==
                   std::string_view::npos;
    }
    return false;
}

std::optional<std::chrono::seconds> overRate(Services& services, RateLimiter& rate,
                                             std::string_view address) {
    if (address.empty()) return {};
    return countOver(services.stats, rate.take(address, services.wheel.now()));
}

std::optional<std::chrono::seconds> overRate(Services& services, VisitorLimiter& rate,
                                             const ConversationId& conversation,
                                             std::string_view address) {
    return countOver(services.stats, rate.take(conversation, address, services.wheel.now()));
}

Response tooManyRequests(std::chrono::seconds wait) {
    return problem(429, kRateLimited, kSlowDown, wait);
}

Checked<SiteId> admitSite(Services& services, Exchange& exchange, std::string_view name) {
    const auto id = SiteId::parse(name);
    const auto site = id ? services.config.sites.find(*id) : services.config.sites.end();
    if (site == services.config.sites.end()) {
        return Checked<SiteId>::no(problem(404, "not_found", "no such site"));
    }
    if (!admitOrigin(site->second, exchange)) {
        return Checked<SiteId>::no(
            problem(403, "forbidden", "this origin is not on the site's list"));
    }
    return Checked<SiteId>::ok(*id);
}

Checked<Grant> authorise(Services& services, Exchange& exchange) {
    std::string inQuery;
    std::string_view token = bearerOf(exchange);
    if (token.empty()) {
        inQuery = exchange.target.query("access_token").value_or(std::string());
        token = inQuery;
    }
    if (token.empty()) return Checked<Grant>::no(unauthorised("a token is needed"));
    const auto grant = services.tokens.check(token);
    if (!grant) return Checked<Grant>::no(unauthorised("the token is wrong or expired"));
    auto site = admitSite(services, exchange, grant->site.str());
    if (!site) return Checked<Grant>::no(std::move(site.refusal));
    return Checked<Grant>::ok(*grant);
}

Checked<Grant> authoriseConversation(Services& services, Exchange& exchange) {
    auto grant = authorise(services, exchange);
    if (!grant) return grant;
    const auto conversation = ConversationId::parse(exchange.route.name);
    if (!conversation) {
        return Checked<Grant>::no(problem(404, "not_found", "no such conversation"));
    }
    if (*conversation != grant.value->conversation) {
        return Checked<Grant>::no(
            problem(403, "forbidden", "the token is for another conversation"));
    }
    return grant;
}

// The site is not known before the token is, and a preflight carries none: what any site allows may
// be tried, the request itself is held to its own site's list.
Response preflight(const Services& services, Exchange& exchange) {
    const std::string_view origin = exchange.header(http::field::origin);
    Response response;
    response.status = 204;
    response.headers = "Allow: " + std::string(allowedMethods(exchange.route.call)) + "\r\n";
    const bool listed = std::any_of(services.config.sites.begin(), services.config.sites.end(),
                                    [&](const auto& site) { return site.second.allows(origin); });
    if (!origin.empty() && listed) {
        exchange.context.allowOrigin = origin;
        response.headers +=
            "Access-Control-Allow-Methods: GET, POST\r\n"
            "Access-Control-Allow-Headers: Authorization, Content-Type, Prefer, Last-Event-ID, "
            "traceparent\r\n"
            "Access-Control-Max-Age: 7200\r\n";
    }
    return response;
}

}  // namespace parlor::gateway
