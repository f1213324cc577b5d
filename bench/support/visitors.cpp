#include "bench/support/visitors.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <stdexcept>

namespace parlor::bench {
namespace {

constexpr std::size_t kOpenAtOnce = 32;

boost::asio::awaitable<void> openSome(boost::asio::any_io_executor executor, std::string gateway,
                                      std::size_t& left, std::vector<Conversation>& opened) {
    Connection connection(executor, gateway);
    while (left > 0) {
        --left;
        const auto response = co_await connection.post("/v1/sites/demo/conversations", "", "{}");
        if (response.status != 201) throw std::runtime_error("opening: " + response.body);
        const auto body = boost::json::parse(response.body).as_object();
        opened.push_back({std::string(body.at("conversation").as_string()),
                          std::string(body.at("token").as_string()),
                          std::string(body.at("cursor").as_string())});
    }
}

}  // namespace

std::vector<Conversation> openConversations(boost::asio::io_context& context,
                                            const std::string& gateway, std::size_t count) {
    std::vector<Conversation> opened;
    opened.reserve(count);
    std::size_t left = count;
    for (std::size_t i = 0; i < kOpenAtOnce; ++i) {
        boost::asio::co_spawn(context, openSome(context.get_executor(), gateway, left, opened),
                              [](std::exception_ptr error) {
                                  if (error) std::rethrow_exception(error);
                              });
    }
    context.restart();
    context.run();
    return opened;
}

}  // namespace parlor::bench
