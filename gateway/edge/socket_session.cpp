#include "gateway/edge/socket_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "gateway/edge/limits.h"
#include "gateway/edge/stream_format.h"
#include "gateway/edge/visitor_signals.h"
#include "gateway/session/trace.h"

namespace parlor::gateway {
namespace {

namespace websocket = beast::websocket;

// The first of the client's subprotocols that is one of ours, or JSON where it names none; null
// where it names only others.
std::unique_ptr<SocketCodec> negotiate(const Exchange& exchange, std::string& chosen) {
    const std::string_view offered = exchange.header(http::field::sec_websocket_protocol);
    if (offered.empty()) return makeJsonCodec();
    for (const auto& token : http::token_list({offered.data(), offered.size()})) {
        chosen.assign(token.data(), token.size());
        if (chosen == kJsonProtocol) return makeJsonCodec();
        if (chosen == kProtoProtocol) return makeProtoCodec();
    }
    return nullptr;
}

// What a script can read of a close besides its code.
std::string reasonOf(CloseCode code, std::string_view why) {
    std::string text(why);
    std::optional<Farewell> farewell;
    if (code == CloseCode::goingAway) farewell = Farewell::goingAway;
    if (code == CloseCode::noBroker) farewell = Farewell::noBroker;
    if (farewell) text += "; come_back_ms=" + std::to_string(comeBackAfter(*farewell).count());
    return text;
}

}  // namespace

bool SocketSession::accept(Socket& socket, ConnectionSlot& slot, Exchange& exchange,
                           Services& services, Response& refusal) {
    auto query = readerQuery(exchange.target);
    if (!query) {
        refusal = problem(query.error());
        return false;
    }
    std::string protocol;
    auto codec = negotiate(exchange, protocol);
    if (!codec) {
        refusal = problem(400, "malformed", "subprotocols: parlor.v1.json, parlor.v1.proto");
        return false;
    }
    const auto conversation = ConversationId::parse(exchange.route.name);
    if (!conversation) {
        refusal = problem(404, "not_found", "no such conversation");
        return false;
    }
    auto grant = authorise(services, exchange);
    if (!grant && grant.refusal.status != 401) {
        refusal = std::move(grant.refusal);
        return false;
    }
    if (grant && grant.value->conversation != *conversation) grant.value.reset();
    auto session = std::make_shared<SocketSession>(std::move(socket), std::move(slot), services,
                                                   std::move(*query), std::move(codec));
    session->run(std::move(exchange), std::move(grant.value));
    return true;
}

SocketSession::SocketSession(Socket socket, ConnectionSlot slot, Services& services,
                             ReaderQuery query, std::unique_ptr<SocketCodec> codec)
    : EventFeed(services, std::move(query), Transport::webSocket, codec->format()),
      codec_(std::move(codec)),
      slot_(std::move(slot)),
      socket_(std::move(socket)),
      heardAt_(services.wheel.now()),
      timer_([this] { onTimer(); }) {}

void SocketSession::run(Exchange exchange, std::optional<Grant> grant) {
    self_ = shared_from_this();
    services_.connections.push_back(*this);
    services_.wheel.arm(timer_, limits::kReadDeadline);
    asio::co_spawn(services_.io.get_executor(), serve(std::move(exchange), std::move(grant)),
                   [self = self_](const std::exception_ptr&) {
                       self->closeFeed(!self->closing_);
                       self->timer_.cancel();
                       self->leave();
                       self->self_.reset();
                   });
}

Awaitable<void> SocketSession::serve(Exchange exchange, std::optional<Grant> grant) {
    std::string protocol;
    negotiate(exchange, protocol);
    socket_.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
        if (!protocol.empty()) response.set(http::field::sec_websocket_protocol, protocol);
        response.set("X-Request-Id", formatRequestId(exchange.context.requestId));
    }));
    if (services_.config.deflate) {
        websocket::permessage_deflate deflate;
        deflate.server_enable = true;
        socket_.set_option(deflate);
    }
    socket_.read_message_max(limits::kBodyBytes);
    socket_.auto_fragment(false);
    {
        const auto [failed] = co_await socket_.async_accept(exchange.request, kAwait);
        if (failed) co_return;
    }
    socket_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
    socket_.control_callback(
        [this](websocket::frame_type, beast::string_view) { heardAt_ = services_.wheel.now(); });
    logCall(services_, exchange, 101);
    requestId_ = exchange.context.requestId;
    traceparent_ = exchange.header(kTraceparent);
    address_ = std::move(exchange.client);
    exchange = {};
    if (!grant) {
        close(CloseCode::token, "the token is wrong or expired");
    } else if (services_.draining) {
        close(CloseCode::goingAway, "the gateway is going away");
    } else if (!services_.bus.connected()) {
        close(CloseCode::noBroker, "this replica has no broker");
    } else {
        grant_ = grant;
        armTimer();
        openFeed(*grant);
    }
    for (beast::flat_buffer buffer;;) {
        const auto [failed, bytes] = co_await socket_.async_read(buffer, kAwait);
        if (failed) co_return;
        heardAt_ = services_.wheel.now();
        const auto data = buffer.data();
        onFrame({static_cast<const char*>(data.data()), data.size()});
        buffer = beast::flat_buffer();
    }
}

// --- in -----------------------------------------------------------------------------------------

void SocketSession::onFrame(std::string_view bytes) {
    if (!feedOpen()) return;
    if (socket_.got_text() != codec_->isText()) {
        return close(CloseCode::policy,
                     codec_->isText() ? "text frames only" : "binary frames only");
    }
    auto frame = codec_->parse(bytes);
    if (!frame) return close(CloseCode::policy, frame.error().text);
    if (auto* draft = std::get_if<v1::Draft>(&*frame)) {
        submit(std::move(*draft));
    } else if (auto* signal = std::get_if<VisitorSignal>(&*frame)) {
        // One signal more or less is no harm: what is too much is not sent on.
        sayForVisitor(services_, *grant_, address_, std::move(*signal), traceparent_);
    } else {
        const auto& bad = std::get<BadDraft>(*frame);
        settle(postOf(bad.requestId), bad.error);
    }
}

SocketPost SocketSession::postOf(std::string draft) const {
    return {requestId_, grant_->conversation, std::move(draft), traceparentFor(traceparent_)};
}

void SocketSession::submit(v1::Draft draft) {
    const SocketPost post = postOf(draft.request_id());
    if (const auto wait = overRate(services_, services_.postRates, post.conversation, address_)) {
        logPost(services_, post, 429);
        return push(codec_->tooFast(post.draft, *wait));
    }
    const auto submitted = services_.posts.submit(
        grant_->site, post.conversation, std::move(draft),
        [post, &services = services_, weak = weak_from_this()](const PostBroker::Outcome& outcome) {
            if (const auto self = weak.lock()) return self->settle(post, outcome);
            logPost(services, post, outcome);
        },
        post.traceparent);
    if (submitted.outcome) settle(post, *submitted.outcome);
}

void SocketSession::settle(const SocketPost& post, const PostBroker::Outcome& outcome) {
    logPost(services_, post, outcome);
    push(codec_->receipt(post.draft, outcome));
}

// --- out ----------------------------------------------------------------------------------------

void SocketSession::onError(const Error& error) { close(CloseCode::policy, error.text); }

// What cannot be written ends the connection, which the reading loop sees.
bool SocketSession::write(std::string text) {
    if (!socket_.is_open()) return false;
    ErrorCode failed;
    socket_.binary(!codec_->isText());
    socket_.write(asio::buffer(text), failed);
    if (failed) {
        abort();
        return false;
    }
    if (socket_.next_layer().isFlushed()) return true;
    socket_.next_layer().whenFlushed([self = shared_from_this()](ErrorCode error) {
        if (error) return self->abort();
        self->written();
        self->sendClose();
    });
    return false;
}

// --- the end ------------------------------------------------------------------------------------

void SocketSession::close(CloseCode code, std::string_view reason) {
    if (closing_) return;
    // The standard's limit for a reason is 123 bytes.
    constexpr std::size_t kMaxReason = 120;
    const std::string text = reasonOf(code, reason);
    closing_ =
        websocket::close_reason(static_cast<websocket::close_code>(code),
                                beast::string_view(text.data(), std::min(text.size(), kMaxReason)));
    closeFeed(false);
    services_.wheel.arm(timer_, limits::kFarewell);
    sendClose();
}

void SocketSession::endSlow(Closing reason) {
    services_.stats.closed(reason).add();
    close(CloseCode::tooSlow, "too slow");
}

// The handshake ends with the peer's close frame, which the reading loop sees.
void SocketSession::sendClose() {
    if (!closing_ || closeSent_ || writing()) return;
    closeSent_ = true;
    socket_.async_close(*closing_, [self = shared_from_this()](ErrorCode) {});
}

void SocketSession::abort() {
    ErrorCode ignored;
    beast::get_lowest_layer(socket_).close(ignored);
}

void SocketSession::drain() { close(CloseCode::goingAway, "the gateway is going away"); }

void SocketSession::onBusAway() { close(CloseCode::noBroker, "this replica has no broker"); }

void SocketSession::armTimer() {
    services_.wheel.arm(
        timer_, std::min({Duration(limits::kSocketPing), lifetimeOf(*grant_), writeTimeLeft()}));
}

// Before the handshake is done and while closing: time is up. Otherwise: once in a while.
void SocketSession::onTimer() {
    if (!feedOpen()) return abort();
    if (std::chrono::system_clock::now() >= grant_->expires) {
        return close(CloseCode::token, "the token has expired");
    }
    if (services_.wheel.now() - heardAt_ >= limits::kSocketIdle) {
        services_.stats.closed(Closing::noPong).add();
        return close(CloseCode::idle, "no pong");
    }
    if (writeTimeLeft() <= Duration::zero()) return endSlow(Closing::writeDeadline);
    armTimer();
    // A browser answers pings by itself, its script never sees them: one frame is for the script.
    if (!writing()) push(codec_->ping());
    if (!feedOpen() || std::exchange(pinging_, true)) return;
    socket_.async_ping({}, [self = shared_from_this()](ErrorCode) { self->pinging_ = false; });
}

}  // namespace parlor::gateway
