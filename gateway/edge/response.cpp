#include "gateway/edge/response.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

#include "gateway/edge/limits.h"

namespace parlor::gateway {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";
constexpr std::string_view kJsonType = "application/json";

void line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

std::chrono::seconds waitOf(unsigned status, std::chrono::seconds given) {
    return status == 503 && given == std::chrono::seconds::zero() ? limits::kRetryAfter : given;
}

bool mayHaveBody(unsigned status) { return status != 204 && status != 304; }

}  // namespace

std::string formatRequestId(std::uint64_t id) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; id >>= 4) text[i] = kDigits[id & 15];
    return text;
}

std::string formatHead(const Response& response, const AnswerContext& context,
                       std::string_view date) {
    std::string head;
    head.reserve(400 + response.headers.size());
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reasonPhrase(response.status)).append("\r\n");
    line(head, "Date", date);
    if (!response.contentType.empty()) line(head, "Content-Type", response.contentType);
    if (mayHaveBody(response.status) && !response.endless) {
        line(head, "Content-Length", std::to_string(response.bytes().size()));
    }
    line(head, "X-Request-Id", formatRequestId(context.requestId));
    head += "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
    if (!context.allowOrigin.empty()) {
        line(head, "Access-Control-Allow-Origin", context.allowOrigin);
        head += "Access-Control-Expose-Headers: Location, Retry-After, X-Request-Id\r\n";
        if (context.allowOrigin != "*") head += "Vary: Origin\r\n";
    }
    if (response.headers.find("Cache-Control:") == std::string::npos) {
        head += "Cache-Control: no-store\r\n";
    }
    head += response.headers;
    line(head, "Connection", context.keepAlive && !response.close ? "keep-alive" : "close");
    head += "\r\n";
    return head;
}

std::string_view reasonPhrase(unsigned status) {
    const auto phrase =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
    return {phrase.data(), phrase.size()};
}

std::string_view problemCode(Errc code) {
    switch (code) {
        case Errc::malformed:
            return "malformed";
        case Errc::tooLarge:
            return "too_large";
        case Errc::forbidden:
            return "forbidden";
        case Errc::notFound:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::closed:
            return "closed";
        case Errc::unavailable:
            return "unavailable";
        case Errc::overloaded:
            return "overloaded";
        case Errc::deadline:
            return "deadline";
        case Errc::epochChanged:
            return "epoch_changed";
        case Errc::internal:
            break;
    }
    return "internal";
}

unsigned statusOf(Errc code) {
    switch (code) {
        case Errc::malformed:
            return 400;
        case Errc::tooLarge:
            return 413;
        case Errc::forbidden:
            return 403;
        case Errc::notFound:
            return 404;
        case Errc::conflict:
        case Errc::closed:
        case Errc::epochChanged:
            return 409;
        case Errc::unavailable:
        case Errc::overloaded:
        case Errc::deadline:
            return 503;
        case Errc::internal:
            break;
    }
    return 500;
}

std::string problemJson(unsigned status, std::string_view code, std::string_view detail,
                        std::chrono::seconds retryAfter) {
    const auto view = [](std::string_view text) {
        return boost::json::string_view(text.data(), text.size());
    };
    boost::json::object document{{"type", "about:blank"},
                                 {"title", view(reasonPhrase(status))},
                                 {"status", status},
                                 {"code", view(code)},
                                 {"detail", view(detail)}};
    const std::chrono::milliseconds wait = waitOf(status, retryAfter);
    if (wait.count() > 0) document["retry_after_ms"] = wait.count();
    return boost::json::serialize(document);
}

std::string problemJson(const Error& error) {
    return problemJson(statusOf(error.code), problemCode(error.code), error.text);
}

Response problem(unsigned status, std::string_view code, std::string_view detail,
                 std::chrono::seconds retryAfter) {
    Response response;
    response.status = status;
    response.contentType = kProblemType;
    response.body = problemJson(status, code, detail, retryAfter);
    const auto wait = waitOf(status, retryAfter);
    if (wait.count() > 0) {
        response.headers = "Retry-After: " + std::to_string(wait.count()) + "\r\n";
    }
    return response;
}

Response problem(const Error& error) {
    return problem(statusOf(error.code), problemCode(error.code), error.text);
}

Response json(unsigned status, std::string body) {
    Response response;
    response.status = status;
    response.contentType = kJsonType;
    response.body = std::move(body);
    return response;
}

Response accepted(const std::string& requestId) {
    Response response =
        gateway::json(202, R"({"request_id":")" + requestId + R"(","status":"pending"})");
    response.headers = "Location: /v1/requests/" + requestId + "\r\n";
    return response;
}

}  // namespace parlor::gateway
