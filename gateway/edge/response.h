#pragma once

// Answers: status, headers, body, problem documents (RFC 9457).

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/mailbox/page.h"
#include "proto/errors.h"

namespace parlor::gateway {

struct Response {
    unsigned status = 200;
    std::string_view contentType;  // a literal; empty: no body
    std::string headers;           // more header lines, each with its CRLF
    std::string body;
    std::shared_ptr<const std::string> shared;  // instead of body
    bool close = false;                         // end the connection after it
    bool endless = false;                       // the body follows, until the connection ends

    std::string_view bytes() const { return shared ? std::string_view(*shared) : body; }
};

// What an answer needs to know of its request.
struct AnswerContext {
    std::uint64_t requestId = 0;
    std::string allowOrigin;  // for Access-Control-Allow-Origin; empty: none
    bool keepAlive = true;
    bool headOnly = false;
};

// Status line and headers, up to the empty line. `now` is for the Date header.
std::string formatHead(const Response& response, const AnswerContext& context,
                       std::string_view date);
// As it stands in X-Request-Id and in logs.
std::string formatRequestId(std::uint64_t id);

std::string_view reasonPhrase(unsigned status);
// The word of an Errc in problem documents.
std::string_view problemCode(Errc code);
unsigned statusOf(Errc code);

// {"type":"about:blank","title":…,"status":…,"code":…,"detail":…}; where waiting helps (503, or
// `retryAfter` is given) also "retry_after_ms", and the Response has a Retry-After.
std::string problemJson(unsigned status, std::string_view code, std::string_view detail,
                        std::chrono::seconds retryAfter = {});
std::string problemJson(const Error& error);
Response problem(unsigned status, std::string_view code, std::string_view detail,
                 std::chrono::seconds retryAfter = {});
Response problem(const Error& error);

// Of whatever comes too fast.
inline constexpr std::string_view kRateLimited = "rate_limited";
inline constexpr std::string_view kSlowDown = "too many requests, slow down";

Response json(unsigned status, std::string body);
// 202, and where to ask what became of the request.
Response accepted(const std::string& requestId);

}  // namespace parlor::gateway
