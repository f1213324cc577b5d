#include "gateway/edge/socket_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "gateway/edge/limits.h"

namespace parlor::gateway {
namespace {

namespace websocket = beast::websocket;

constexpr std::string_view kJsonProtocol = "parlor.v1.json";

// True where the client names a protocol that we speak, or none at all.
bool negotiate(const Exchange& exchange, std::string& chosen) {
    const std::string_view offered = exchange.header(http::field::sec_websocket_protocol);
    if (offered.empty()) return true;
    for (const auto& token : http::token_list({offered.data(), offered.size()})) {
        if (std::string_view(token.data(), token.size()) == kJsonProtocol) {
            chosen = kJsonProtocol;
            return true;
        }
    }
    return false;
}

}  // namespace

bool SocketSession::accept(Socket& socket, ConnectionSlot& slot, Exchange& exchange,
                           Services& services, Response& refusal) {
    const auto cursor = Cursor::parse(exchange.target.query("after").value_or("0"));
    if (!cursor) {
        refusal = problem(cursor.error());
        return false;
    }
    std::string protocol;
    if (!negotiate(exchange, protocol)) {
        refusal = problem(400, "malformed", "subprotocols: parlor.v1.json");
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
    auto session =
        std::make_shared<SocketSession>(std::move(socket), std::move(slot), services, *cursor);
    session->run(std::move(exchange), std::move(grant.value));
    return true;
}

SocketSession::SocketSession(Socket socket, ConnectionSlot slot, Services& services, Cursor cursor)
    : EventFeed(services, cursor, Transport::webSocket),
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
    socket_.read_message_max(limits::kBodyBytes);
    socket_.auto_fragment(false);
    {
        const auto [failed] = co_await socket_.async_accept(exchange.request, kAwait);
        if (failed) co_return;
    }
    socket_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
    socket_.control_callback(
        [this](websocket::frame_type, beast::string_view) { heardAt_ = services_.wheel.now(); });
    exchange = {};
    if (!grant) {
        close(CloseCode::token, "the token is wrong or expired");
    } else if (services_.draining) {
        close(CloseCode::goingAway, "the gateway is going away");
    } else if (!services_.bus.connected()) {
        close(CloseCode::noBroker, "this replica has no broker");
    } else {
        grant_ = grant;
        services_.wheel.arm(timer_, limits::kSocketPing);
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

void SocketSession::onFrame(std::string_view text) {
    if (!feedOpen()) return;
    if (!socket_.got_text()) return close(CloseCode::policy, "text frames only");
    auto frame = parseFrame(text);
    if (!frame) return close(CloseCode::policy, frame.error().text);
    if (auto* draft = std::get_if<v1::Draft>(&*frame)) {
        submit(std::move(*draft));
    } else if (const auto* typing = std::get_if<v1::Typing>(&*frame)) {
        publishTyping(*typing);
    } else {
        const auto& bad = std::get<BadDraft>(*frame);
        sendReceipt(bad.requestId, bad.error);
    }
}

void SocketSession::submit(v1::Draft draft) {
    const std::string id = draft.request_id();
    if (auto refused =
            refuseByRate(services_, services_.postRates, rateKey(grant_->conversation))) {
        return push(R"({"type":"receipt","request_id":")" + id + R"(","problem":)" + refused->body +
                    "}");
    }
    const auto submitted =
        services_.posts.submit(grant_->site, grant_->conversation, std::move(draft),
                               [id, weak = weak_from_this()](const PostBroker::Outcome& outcome) {
                                   if (const auto self = weak.lock())
                                       self->sendReceipt(id, outcome);
                               });
    if (submitted.outcome) sendReceipt(id, *submitted.outcome);
}

void SocketSession::sendReceipt(const std::string& requestId, const PostBroker::Outcome& outcome) {
    std::string text = R"({"type":"receipt",)";
    if (outcome) {
        text += recordedMembers(requestId, *outcome);
    } else {
        text += R"("request_id":")" + requestId + R"(","problem":)" + problemJson(outcome.error());
    }
    push(std::move(text) + "}");
}

void SocketSession::publishTyping(const v1::Typing& typing) {
    // One signal more or less is no harm: what is too much is not sent on.
    if (services_.typing.take(rateKey(grant_->conversation), services_.wheel.now())) {
        return services_.stats.rateLimited.add();
    }
    v1::Live live;
    *live.mutable_typing() = typing;
    services_.bus.publish(
        {.topic = topics::format(topics::LiveIn{grant_->site, grant_->conversation}),
         .payload = encode(live),
         .qos = bus::Qos::atMostOnce,
         .expiry = std::chrono::seconds(10)},
        nullptr, services_.wheel.now() + std::chrono::seconds(2));
}

// --- out ----------------------------------------------------------------------------------------

std::string SocketSession::formatPage(const Page& page) const { return page.typed(); }

std::string SocketSession::formatGap() const {
    return R"({"type":"events",)" + gapMembers(cursor()) + "}";
}

std::string SocketSession::formatLive(const std::string& members) const {
    return R"({"type":"live",)" + members + "}";
}

void SocketSession::onError(const Error& error) { close(CloseCode::policy, error.text); }

void SocketSession::write(std::string text) {
    outgoing_ = std::move(text);
    socket_.text(true);
    socket_.async_write(asio::buffer(outgoing_),
                        [self = shared_from_this()](ErrorCode failed, std::size_t) {
                            self->outgoing_ = std::string();
                            if (failed) return self->abort();
                            self->written();
                            self->sendClose();
                        });
}

// --- the end ------------------------------------------------------------------------------------

void SocketSession::close(CloseCode code, std::string_view reason) {
    if (closing_) return;
    // The standard's limit for a reason is 123 bytes.
    constexpr std::size_t kMaxReason = 120;
    closing_ = websocket::close_reason(
        static_cast<websocket::close_code>(code),
        beast::string_view(reason.data(), std::min(reason.size(), kMaxReason)));
    closeFeed(false);
    services_.wheel.arm(timer_, limits::kSocketClose);
    sendClose();
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

// Before the handshake is done and while closing: time is up. Otherwise: once in a while.
void SocketSession::onTimer() {
    const Time now = services_.wheel.now();
    if (!feedOpen()) return abort();
    if (std::chrono::system_clock::now() >= grant_->expires) {
        return close(CloseCode::token, "the token has expired");
    }
    if (now - heardAt_ >= limits::kSocketIdle) return close(CloseCode::idle, "no pong");
    if (writing() && now - writingSince() >= limits::kWriteDeadline) return abort();
    services_.wheel.arm(timer_, limits::kSocketPing);
    if (std::exchange(pinging_, true)) return;
    socket_.async_ping({}, [self = shared_from_this()](ErrorCode) { self->pinging_ = false; });
}

}  // namespace parlor::gateway
