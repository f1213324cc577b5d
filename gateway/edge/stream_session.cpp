#include "gateway/edge/stream_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "gateway/edge/limits.h"

namespace parlor::gateway {

namespace {

// The frame talks to the window around it, and only to that of an origin that the site lists.
Checked<std::unique_ptr<StreamFormat>> formatOf(const Services& services, const Exchange& exchange,
                                                const SiteId& site) {
    using Result = Checked<std::unique_ptr<StreamFormat>>;
    if (exchange.route.call == Call::stream) return Result::ok(makeSse());
    const auto origin = exchange.target.query("origin");
    if (!origin || !isOrigin(*origin)) {
        return Result::no(problem(400, "malformed", "origin: the embedding page's is needed"));
    }
    if (!services.config.sites.at(site).allows(*origin)) {
        return Result::no(problem(403, "forbidden", "this origin is not on the site's list"));
    }
    return Result::ok(makeFrame(*origin));
}

}  // namespace

Checked<StreamOpening> checkStream(Services& services, Exchange& exchange) {
    using Result = Checked<StreamOpening>;
    auto grant = authoriseConversation(services, exchange);
    if (!grant) return Result::no(std::move(grant.refusal));
    // A browser that reconnects by itself repeats the address it was given, and says how far it
    // got.
    auto query = readerQuery(exchange.target, exchange.header("Last-Event-ID"));
    if (!query) return Result::no(problem(query.error()));
    auto format = formatOf(services, exchange, grant.value->site);
    if (!format) return Result::no(std::move(format.refusal));
    if (services.draining || !services.bus.connected()) {
        return Result::no(problem(503, "unavailable", "this replica cannot take you now"));
    }
    return Result::ok({std::move(*grant.value), std::move(*query), std::move(*format.value)});
}

StreamSession::StreamSession(Socket socket, ConnectionSlot slot, Services& services,
                             StreamOpening opening)
    : EventFeed(services, std::move(opening.query), opening.format->transport()),
      grant_(std::move(opening.grant)),
      format_(std::move(opening.format)),
      slot_(std::move(slot)),
      socket_(std::move(socket)),
      timer_([this] { onTimer(); }) {}

void StreamSession::start(Socket socket, ConnectionSlot slot, Exchange& exchange,
                          Services& services, StreamOpening opening) {
    const auto session = std::make_shared<StreamSession>(std::move(socket), std::move(slot),
                                                         services, std::move(opening));
    session->self_ = session;
    services.connections.push_back(*session);
    session->begin(exchange);
}

// The end of the connection is the end of the answer: nothing to count, and every proxy knows it.
void StreamSession::begin(Exchange& exchange) {
    const auto self = self_;
    exchange.context.keepAlive = false;
    Response response;
    response.contentType = format_->contentType();
    response.headers = format_->headers();
    response.endless = true;
    services_.stats.answers[2].add();
    const std::string head = formatHead(response, exchange.context, services_.date.now());
    armTimer();
    watch();
    openFeed(grant_, head + format_->prologue());
}

bool StreamSession::write(std::string text) {
    sent_ += text.size();
    ErrorCode failed;
    socket_.write_some(asio::buffer(text), failed);
    if (failed) {
        close(false);
        return false;
    }
    if (!socket_.isFlushed()) {
        socket_.whenFlushed([self = shared_from_this()](ErrorCode error) {
            if (!self->self_) return;
            if (error) return self->close(true);
            if (self->farewell_) return self->end(*self->farewell_);
            self->written();
        });
        return false;
    }
    if (format_->maxBytes() == 0 || sent_ <= format_->maxBytes()) return true;
    end(Farewell::full);
    return false;
}

// A client has nothing to say on a stream; what it sends is thrown away, its end is heard.
void StreamSession::watch() {
    socket_.next_layer().async_wait(Socket::wait_read,
                                    [self = shared_from_this()](ErrorCode failed) {
                                        if (failed || !self->self_) return;
                                        std::array<char, 1024> waste;
                                        ErrorCode error;
                                        self->socket_.read_some(asio::buffer(waste), error);
                                        if (error && error != asio::error::would_block)
                                            return self->close(true);
                                        self->watch();
                                    });
}

void StreamSession::onTimer() {
    if (!feedOpen()) return close(false);
    if (std::chrono::system_clock::now() >= grant_.expires) return finish(Farewell::token);
    if (writeTimeLeft() <= Duration::zero()) return endSlow(Closing::writeDeadline);
    if (!writing()) push(format_->heartbeat());
    if (feedOpen()) armTimer();
}

void StreamSession::armTimer() {
    services_.wheel.arm(
        timer_, std::min({Duration(limits::kHeartbeat), lifetimeOf(grant_), writeTimeLeft()}));
}

void StreamSession::finish(Farewell why) {
    if (!feedOpen()) return;
    if (!writing()) return end(why);
    farewell_ = why;
    closeFeed(false);
    services_.wheel.arm(timer_, limits::kFarewell);
}

void StreamSession::endSlow(Closing reason) {
    services_.stats.closed(reason).add();
    finish(Farewell::tooSlow);
}

void StreamSession::end(Farewell why) {
    closeFeed(false);
    ErrorCode ignored;
    socket_.write_some(asio::buffer(format_->farewell(why)), ignored);
    close(false);
}

void StreamSession::close(bool peerLeft) {
    auto last = std::exchange(self_, nullptr);
    if (!last) return;
    // What ends it may be a write that it has begun itself.
    asio::post(services_.io, [last = std::move(last)] {});
    closeFeed(peerLeft);
    ErrorCode ignored;
    socket_.next_layer().shutdown(Socket::shutdown_both, ignored);
    socket_.next_layer().close(ignored);
    timer_.cancel();
    leave();
}

}  // namespace parlor::gateway
