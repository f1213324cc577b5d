#pragma once

// From a request's target to the call it means. The grammar:
//
//   POST     /v1/sites/{site}/conversations
//   GET POST /v1/conversations/{conv}/events
//   POST     /v1/conversations/{conv}/live | transcript
//   GET      /v1/conversations/{conv}/socket | stream | frame
//   GET      /v1/requests/{request}
//   GET      /v1/requests/{request}/result
//   GET      /healthz /readyz /metrics, and the files of StaticFiles

#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor::gateway {

enum class Call {
    open,
    events,
    live,
    socket,
    stream,
    frame,
    transcript,
    request,
    result,
    healthz,
    readyz,
    metrics,
    file
};

struct Route {
    Call call;
    std::string name;  // {site}, {conv} or {request} as it was written; a file's path
};

// The target taken apart. Query values are percent-decoded; of a repeated name the first counts.
class Target {
 public:
    // malformed: not an origin-form (RFC 9112, 3.2.1).
    static Expected<Target> parse(std::string_view text);

    const std::string& path() const { return path_; }
    std::optional<std::string> query(std::string_view name) const;
    // wait=S, in seconds; 0 where it is not given. malformed for what is no whole number or over
    // `most`.
    Expected<std::chrono::seconds> wait(std::chrono::seconds most) const;
    // Nothing for a path that is none of the grammar's. Never Call::file.
    std::optional<Route> route() const;

 private:
    std::string path_;
    std::string query_;  // percent-encoded
};

// "GET, HEAD, OPTIONS", for the Allow header.
std::string_view allowedMethods(Call call);
bool isAllowed(Call call, boost::beast::http::verb method);

}  // namespace parlor::gateway
