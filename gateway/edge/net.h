#pragma once

// Boost.Asio as a shard uses it: one io_context, one thread, its plain executor (no type erasure).

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/intrusive/list.hpp>

namespace parlor::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;
// co_await x(kAwait) gives a tuple whose first member is the error code; nothing is thrown.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait{};

// What a shard must be able to do with every connection it holds.
class Connection : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
    virtual ~Connection() = default;
    // End politely, as soon as what is under way is answered.
    virtual void drain() = 0;
    // End at once.
    virtual void abort() = 0;
    // The broker has been away for a while.
    virtual void onBusAway() {}

 protected:
    // Off the shard's list.
    void leave() { unlink(); }
};
using Connections = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

}  // namespace parlor::gateway
