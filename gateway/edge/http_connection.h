#pragma once

// One HTTP/1.1 connection.
//
//   idle ──bytes come──▶ serving ──answered──▶ idle | (pipelined bytes) serving | closed
//                           │
//                           ├──nothing to give yet──▶ parked ──answered──▶ idle | serving | closed
//                           └──upgraded: the socket moves on to a SocketSession
//
// Only `serving` has a coroutine, a parser and a read buffer. An idle or parked connection is this
// object and a watch on its socket's readability, which also tells when the client goes away: a
// hundred thousand of them fit in memory.

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>

#include "gateway/edge/exchange.h"
#include "gateway/edge/parked_poll.h"

namespace parlor::gateway {

// Shard's thread only. Lives until its socket is closed.
class HttpConnection : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
    static void start(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                      Services& services);
    HttpConnection(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                   Services& services);

    void drain() override;
    void abort() override;

    // Answers the parked request. The poll that calls it is destroyed.
    void answerParked(Response response);

 private:
    using Request = http::request<http::string_body>;
    enum class State : std::uint8_t { idle, serving, parked, writing, closed };
    enum class Next : std::uint8_t { answer, parked, gone };  // gone: upgraded

    // The usual request, a poll that comes in one piece to an idle connection, is read where it
    // lies and served without a coroutine; whatever else has come goes the long way.
    void readAtOnce();
    // False where `bytes` are not just such a request; nothing has been done then.
    bool servePoll(std::string_view bytes);
    Exchange makeExchange(Request request);

    void spawnServe();
    Awaitable<void> serve();
    // Nothing where the connection ends; a refusal has been answered then.
    Awaitable<std::optional<Exchange>> readRequest();
    Awaitable<void> refuse(ErrorCode why);
    // Fills `response`, or says that there is none to write.
    Awaitable<Next> handle(Exchange& exchange, Response& response);
    // Not Next::gone.
    Next poll(Exchange& exchange, Response& response);
    Next upgrade(Exchange& exchange, Response& response);
    Next stream(Exchange& exchange, Response& response);

    void answer(const Response& response, const AnswerContext& context);
    // Writes what the socket takes at once; what is left of it comes back.
    std::string writeNow(const Response& response, const AnswerContext& context, bool& failed);
    Awaitable<bool> write(const Response& response, const AnswerContext& context);
    void writeRest(std::string rest);

    void goIdle();
    void watch();
    void onReadable(ErrorCode failed);
    void peerLeft();
    void onTimer();
    Awaitable<void> lingerAndClose();
    void close();

    Services& services_;
    ConnectionSlot slot_;
    Socket socket_;
    const asio::ip::address peer_;
    State state_ = State::idle;
    bool watching_ = false;
    bool closing_ = false;                  // after the answer that is being written
    bool timedOut_ = false;                 // while serving
    std::uint8_t runs_ = 0;                 // of serve(), to tell the newest
    std::shared_ptr<HttpConnection> self_;  // until close()
    beast::flat_buffer buffer_;
    std::unique_ptr<ParkedPoll> parked_;
    asio::cancellation_signal cancel_;  // of serve()
    Timer timer_;
};

}  // namespace parlor::gateway
