#include "gateway/edge/http_connection.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <utility>

#include "gateway/edge/access_log.h"
#include "gateway/edge/calls.h"
#include "gateway/edge/limits.h"
#include "gateway/edge/socket_session.h"
#include "gateway/edge/stream_session.h"
#include "gateway/edge/transcripts.h"
#include "gateway/edge/visitor_signals.h"

namespace parlor::gateway {

HttpConnection::HttpConnection(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                               Services& services)
    : services_(services),
      slot_(std::move(slot)),
      socket_(std::move(socket)),
      peer_(peer),
      timer_([this] { onTimer(); }) {}

void HttpConnection::start(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                           Services& services) {
    auto connection =
        std::make_shared<HttpConnection>(std::move(socket), std::move(slot), peer, services);
    connection->self_ = connection;
    services.connections.push_back(*connection);
    ErrorCode ignored;
    connection->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    connection->socket_.non_blocking(true, ignored);
    services.wheel.arm(connection->timer_, limits::kReadDeadline);
    connection->watch();
}

// --- idle and parked ----------------------------------------------------------------------------

void HttpConnection::watch() {
    if (std::exchange(watching_, true)) return;
    socket_.async_wait(Socket::wait_read,
                       [self = shared_from_this()](ErrorCode failed) { self->onReadable(failed); });
}

void HttpConnection::onReadable(ErrorCode failed) {
    watching_ = false;
    if (failed || state_ == State::closed) return close();
    if (state_ == State::idle) return readAtOnce();
    if (state_ != State::parked) return;  // looked after when the answer is out
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0) return;  // the next request, pipelined: its turn comes
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return watch();
    peerLeft();
}

void HttpConnection::peerLeft() {
    if (parked_) parked_->peerLeft();
    close();
}

void HttpConnection::goIdle() {
    if (closing_ || services_.draining) {
        if (buffer_.size() == 0) return close();
        state_ = State::serving;
        return asio::co_spawn(services_.io.get_executor(), lingerAndClose(), asio::detached);
    }
    state_ = State::idle;
    if (buffer_.size() > 0) return spawnServe();
    buffer_ = beast::flat_buffer();
    services_.wheel.arm(timer_, limits::kIdle);
    watch();
}

void HttpConnection::onTimer() {
    if (state_ != State::serving) {
        services_.stats.closed(state_ == State::idle ? Closing::idle : Closing::writeDeadline)
            .add();
        return close();
    }
    timedOut_ = true;
    ErrorCode ignored;
    socket_.cancel(ignored);
}

void HttpConnection::drain() {
    if (state_ == State::idle) return close();
    closing_ = true;
    if (state_ == State::parked) parked_->drain();
}

void HttpConnection::abort() {
    const auto self = shared_from_this();
    close();
    cancel_.emit(asio::cancellation_type::terminal);
}

void HttpConnection::close() {
    if (std::exchange(state_, State::closed) == State::closed) return;
    ErrorCode ignored;
    socket_.close(ignored);
    timer_.cancel();
    parked_.reset();
    leave();
    const auto last = std::move(self_);
}

void HttpConnection::answerParked(Response response) {
    const auto self = shared_from_this();
    const std::unique_ptr<ParkedPoll> poll = std::move(parked_);
    logPoll(services_, poll->context().requestId, poll->conversation(), response.status);
    answer(response, poll->context());
}

void HttpConnection::answer(const Response& response, const AnswerContext& context) {
    bool failed = false;
    if (!context.keepAlive || response.close) closing_ = true;
    state_ = State::writing;
    std::string rest = writeNow(response, context, failed);
    if (failed) return close();
    if (!rest.empty()) return writeRest(std::move(rest));
    goIdle();
}

void HttpConnection::writeRest(std::string rest) {
    services_.wheel.arm(timer_, limits::kWriteDeadline);
    auto held = std::make_shared<const std::string>(std::move(rest));
    asio::async_write(socket_, asio::buffer(*held),
                      [self = shared_from_this(), held](ErrorCode failed, std::size_t) {
                          if (failed || self->state_ == State::closed) return self->close();
                          self->goIdle();
                      });
}

std::string HttpConnection::writeNow(const Response& response, const AnswerContext& context,
                                     bool& failed) {
    std::string text = formatHead(response, context, services_.date.now());
    if (!context.headOnly) text += response.bytes();
    services_.stats.answers[std::min<std::size_t>(response.status / 100, 5)].add();
    ErrorCode error;
    const std::size_t written = socket_.write_some(asio::buffer(text), error);
    if (error && error != asio::error::would_block) {
        failed = true;
        return {};
    }
    return text.erase(0, written);
}

// --- serving ------------------------------------------------------------------------------------

void HttpConnection::readAtOnce() {
    auto& scratch = services_.scratch;
    const auto got = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return watch();
    if (got <= 0) return close();
    const std::string_view bytes(scratch.data(), static_cast<std::size_t>(got));
    if (servePoll(bytes)) return;
    buffer_.commit(asio::buffer_copy(buffer_.prepare(bytes.size()), asio::buffer(bytes)));
    spawnServe();
}

bool HttpConnection::servePoll(std::string_view bytes) {
    if (!bytes.starts_with("GET ") || !bytes.ends_with("\r\n\r\n")) return false;
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits::kHeaderBytes);
    ErrorCode failed;
    const std::size_t used = parser.put(asio::buffer(bytes), failed);
    if (failed || used != bytes.size() || !parser.is_done()) return false;
    const auto text = parser.get().target();
    auto target = Target::parse({text.data(), text.size()});
    auto route = target ? target->route() : std::nullopt;
    if (!route || route->call != Call::events) return false;

    Exchange exchange = makeExchange(parser.release());
    exchange.target = std::move(*target);
    exchange.route = std::move(*route);
    state_ = State::serving;
    timer_.cancel();
    services_.stats.requests.add();
    Response response;
    if (poll(exchange, response) == Next::parked) return true;
    logCall(services_, exchange, response.status);
    if (services_.draining) exchange.context.keepAlive = false;
    answer(response, exchange.context);
    return true;
}

Exchange HttpConnection::makeExchange(Request request) {
    Exchange exchange;
    exchange.request = std::move(request);
    exchange.context.requestId = services_.nextRequestId++;
    exchange.context.keepAlive = exchange.request.keep_alive() && !closing_;
    exchange.context.headOnly = exchange.request.method() == http::verb::head;
    return exchange;
}

void HttpConnection::spawnServe() {
    state_ = State::serving;
    asio::co_spawn(services_.io.get_executor(), serve(),
                   asio::bind_cancellation_slot(
                       cancel_.slot(),
                       [self = shared_from_this(), run = ++runs_](const std::exception_ptr& error) {
                           // Cancelled by abort(), or out of memory: the connection ends.
                           if (error) self->close();
                           // What the slot holds is of no use to a parked connection.
                           if (run == self->runs_) self->cancel_.slot().clear();
                       }));
}

Awaitable<void> HttpConnection::serve() {
    const auto self = shared_from_this();
    for (;;) {
        auto exchange = co_await readRequest();
        if (!exchange) co_return;
        services_.stats.requests.add();
        timer_.cancel();
        Response response;
        const Next next = co_await handle(*exchange, response);
        if (next != Next::answer) co_return;
        logCall(services_, *exchange, response.status);
        if (!exchange->context.keepAlive || response.close || services_.draining) {
            closing_ = true;
            exchange->context.keepAlive = false;
        }
        if (!co_await write(response, exchange->context)) co_return close();
        if (closing_) co_return co_await lingerAndClose();
        if (buffer_.size() == 0) co_return goIdle();
    }
}

Awaitable<std::optional<Exchange>> HttpConnection::readRequest() {
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits::kHeaderBytes);
    parser.body_limit(limits::kBodyBytes);
    timedOut_ = false;
    services_.wheel.arm(timer_, limits::kReadDeadline);
    auto [failed, headBytes] = co_await http::async_read_header(socket_, buffer_, parser, kAwait);
    // The parser itself counts only what it has not yet taken.
    if (!failed && headBytes > limits::kHeaderBytes) failed = http::error::header_limit;
    if (!failed && !parser.is_done()) {
        services_.wheel.arm(timer_, limits::kReadDeadline);
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            co_await asio::async_write(
                socket_, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), kAwait);
        }
        std::size_t bodyBytes = 0;
        std::tie(failed, bodyBytes) = co_await http::async_read(socket_, buffer_, parser, kAwait);
    }
    if (failed) {
        co_await refuse(failed);
        co_return std::nullopt;
    }
    Exchange exchange = makeExchange(parser.release());
    const auto client =
        clientAddress(peer_, exchange.list("X-Forwarded-For"), services_.config.trustedProxies);
    if (client) exchange.client = rateKey(*client);
    co_return exchange;
}

// The request could not be read: says why, where somebody may still listen.
Awaitable<void> HttpConnection::refuse(ErrorCode why) {
    std::optional<Response> response;
    if (timedOut_) {
        services_.stats.closed(Closing::requestDeadline).add();
        response = problem(408, "deadline", "the request did not arrive in time");
    } else if (why == http::error::header_limit || why == http::error::buffer_overflow) {
        response = problem(431, "too_large", "request line and headers: at most 16 KiB");
    } else if (why == http::error::body_limit) {
        response = problem(413, "too_large", "body: at most 64 KiB");
    } else if (why.category() == http::make_error_code(http::error::end_of_stream).category() &&
               why != http::error::end_of_stream && why != http::error::partial_message) {
        response = problem(400, "malformed", "not HTTP/1.1: " + why.message());
    }
    if (!response) co_return close();
    services_.stats.requests.add();
    AnswerContext context;
    context.requestId = services_.nextRequestId++;
    context.keepAlive = false;
    closing_ = true;
    logUnread(services_, context.requestId, response->status);
    if (!co_await write(*response, context)) co_return close();
    co_await lingerAndClose();
}

Awaitable<HttpConnection::Next> HttpConnection::handle(Exchange& exchange, Response& response) {
    const auto text = exchange.request.target();
    auto target = Target::parse({text.data(), text.size()});
    if (!target) {
        response = problem(target.error());
        co_return Next::answer;
    }
    exchange.target = std::move(*target);
    auto route = exchange.target.route();
    if (!route && services_.files.has(exchange.target.path())) {
        route = Route{Call::file, exchange.target.path()};
    }
    if (!route) {
        response = problem(404, "not_found", "there is nothing here");
        co_return Next::answer;
    }
    exchange.route = std::move(*route);
    const http::verb method = exchange.request.method();
    if (!isAllowed(exchange.route.call, method)) {
        response = problem(405, "method_not_allowed", "see Allow");
        response.headers += "Allow: " + std::string(allowedMethods(exchange.route.call)) + "\r\n";
        co_return Next::answer;
    }
    if (method == http::verb::options) {
        response = preflight(services_, exchange);
        co_return Next::answer;
    }
    switch (exchange.route.call) {
        case Call::open:
            response = co_await openConversation(services_, exchange);
            break;
        case Call::events:
            if (method == http::verb::get) co_return poll(exchange, response);
            response = co_await postEvent(services_, exchange);
            break;
        case Call::live:
            response = postSignal(services_, exchange);
            break;
        case Call::socket:
            co_return upgrade(exchange, response);
        case Call::stream:
        case Call::frame:
            co_return stream(exchange, response);
        case Call::transcript:
            response = co_await requestTranscript(services_, exchange);
            break;
        case Call::request:
            response = co_await requestStatus(services_, exchange);
            break;
        case Call::result:
            response = co_await requestResult(services_, exchange);
            break;
        default:
            response = serveLocally(services_, exchange);
            break;
    }
    co_return Next::answer;
}

HttpConnection::Next HttpConnection::poll(Exchange& exchange, Response& response) {
    auto grant = authoriseConversation(services_, exchange);
    if (!grant) {
        response = std::move(grant.refusal);
        return Next::answer;
    }
    const auto query = readerQuery(exchange.target);
    const auto wait = exchange.target.wait(limits::kMaxWait);
    if (!query || !wait) {
        response = problem(query ? wait.error() : query.error());
        return Next::answer;
    }
    if (services_.draining) closing_ = true;
    if (closing_) exchange.context.keepAlive = false;
    auto poll = std::make_unique<ParkedPoll>(
        *this, services_,
        services_.hub.attach(grant.value->site, grant.value->conversation,
                             query->presence ? &*query->presence : nullptr),
        *query, exchange.context, wait->count() > 0 ? std::optional(*wait) : std::nullopt);
    if (auto now = poll->answerNow()) {
        response = std::move(*now);
        return Next::answer;
    }
    if (services_.draining) {
        response.status = 204;
        return Next::answer;
    }
    state_ = State::parked;
    timer_.cancel();
    if (buffer_.size() == 0) {
        buffer_ = beast::flat_buffer();
        watch();
    }
    parked_ = std::move(poll);
    parked_->park();
    return Next::parked;
}

HttpConnection::Next HttpConnection::upgrade(Exchange& exchange, Response& response) {
    if (!beast::websocket::is_upgrade(exchange.request)) {
        response = problem(400, "malformed", "a WebSocket handshake is needed");
        return Next::answer;
    }
    if (SocketSession::accept(socket_, slot_, exchange, services_, response)) {
        close();
        return Next::gone;
    }
    return Next::answer;
}

HttpConnection::Next HttpConnection::stream(Exchange& exchange, Response& response) {
    auto opening = checkStream(services_, exchange);
    if (!opening) {
        response = std::move(opening.refusal);
        return Next::answer;
    }
    logCall(services_, exchange, 200);
    StreamSession::start(std::move(socket_), std::move(slot_), exchange, services_,
                         std::move(*opening.value));
    close();
    return Next::gone;
}

Awaitable<bool> HttpConnection::write(const Response& response, const AnswerContext& context) {
    bool failed = false;
    const std::string rest = writeNow(response, context, failed);
    if (failed) co_return false;
    if (rest.empty()) co_return true;
    timedOut_ = false;
    services_.wheel.arm(timer_, limits::kWriteDeadline);
    const auto [error, bytes] = co_await asio::async_write(socket_, asio::buffer(rest), kAwait);
    timer_.cancel();
    if (error && timedOut_) services_.stats.closed(Closing::writeDeadline).add();
    co_return !error;
}

// Says that nothing more will come, and lets the client read the last answer before the socket
// goes: closing with unread bytes would reset the connection under it.
Awaitable<void> HttpConnection::lingerAndClose() {
    const auto self = shared_from_this();
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    timedOut_ = false;
    services_.wheel.arm(timer_, limits::kLingerTime);
    std::array<char, 4096> waste;
    for (std::size_t total = 0; total < limits::kLingerBytes;) {
        const auto [failed, bytes] = co_await socket_.async_read_some(asio::buffer(waste), kAwait);
        if (failed) break;
        total += bytes;
    }
    close();
}

}  // namespace parlor::gateway
