#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "bench/support/http.h"

namespace parlor::bench {

struct Conversation {
    std::string id;
    std::string token;
    std::string cursor;  // where its reader stands
};

// Opens `count` conversations on site "demo" through a gateway, 32 at a time. Runs the context
// until all are open. Throws std::runtime_error where one is refused.
std::vector<Conversation> openConversations(boost::asio::io_context& context,
                                            const std::string& gateway, std::size_t count);

}  // namespace parlor::bench
