#pragma once

// The load generator's own requests, as this bench's servers read them: nothing else is understood.

#include <optional>
#include <string_view>

namespace parlor::bench {

struct RequestView {
    std::string_view method;
    std::string_view path;   // before the '?'
    std::string_view value;  // of the query's only parameter
    std::string_view body;
    std::size_t size;  // of the whole request
};

// The request that `bytes` begin with; nothing while it is not complete. Throws std::runtime_error
// for what is no request.
std::optional<RequestView> parseRequest(std::string_view bytes);

}  // namespace parlor::bench
