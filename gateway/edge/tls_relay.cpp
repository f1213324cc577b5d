#include "gateway/edge/tls_relay.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "gateway/edge/http_connection.h"
#include "gateway/edge/limits.h"

namespace parlor::gateway {
namespace {

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

TlsRelay::TlsRelay(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                   Services& services, SSL_CTX& context)
    : services_(services),
      slot_(std::move(slot)),
      peer_(peer),
      outer_(std::move(socket)),
      inner_(services.io.get_executor()),
      ssl_(SSL_new(&context)),
      timer_([this] { onTimer(); }) {}

void TlsRelay::start(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                     Services& services, SSL_CTX& context) {
    const auto relay =
        std::make_shared<TlsRelay>(std::move(socket), std::move(slot), peer, services, context);
    if (!relay->ssl_) return services.stats.connectionsRefused.add();
    relay->self_ = relay;
    services.connections.push_back(*relay);
    ErrorCode ignored;
    relay->outer_.set_option(asio::ip::tcp::no_delay(true), ignored);
    relay->outer_.non_blocking(true, ignored);
    SSL_set_fd(relay->ssl_.get(), relay->outer_.native_handle());
    services.wheel.arm(relay->timer_, limits::kReadDeadline);
    relay->turn();
}

void TlsRelay::turn() {
    const auto self = shared_from_this();
    wantsWrite_ = false;  // whoever still does says so again
    if (state_ == State::handshaking) handshake();
    if (state_ == State::open || state_ == State::ending) {
        while (moveIn()) {
        }
    }
    if (state_ == State::open) {
        while (moveOut()) {
        }
    }
    if (state_ != State::closed) waitForMore();
}

void TlsRelay::handshake() {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    if (result != 1) {
        if (!mayGoOn(result)) close();
        return;
    }
    timer_.cancel();
    if (!openPlainSide()) return close();
    state_ = State::open;
}

bool TlsRelay::openPlainSide() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        services_.stats.connectionsRefused.add();
        return false;
    }
    // Whatever the sockets' family: only what every stream can do is asked of them.
    ErrorCode failed;
    inner_.assign(asio::ip::tcp::v4(), ends[0], failed);
    Socket plain(services_.io.get_executor());
    if (!failed) plain.assign(asio::ip::tcp::v4(), ends[1], failed);
    if (failed) return false;
    inner_.non_blocking(true, failed);
    HttpConnection::start(std::move(plain), std::move(slot_), peer_, services_);
    return true;
}

bool TlsRelay::mayGoOn(int result) {
    const int why = SSL_get_error(ssl_.get(), result);
    wantsWrite_ = why == SSL_ERROR_WANT_WRITE;
    return wantsWrite_ || why == SSL_ERROR_WANT_READ;
}

bool TlsRelay::moveIn() {
    if (!towardsPlain_.empty()) {
        if (!sendPlain(std::exchange(towardsPlain_, {}))) return false;
        if (!towardsPlain_.empty()) return false;
    }
    ERR_clear_error();
    auto& scratch = services_.scratch;
    const int got = SSL_read(ssl_.get(), scratch.data(), static_cast<int>(scratch.size()));
    if (got <= 0) {
        // Gone, or done: a visitor who has closed reads no more.
        if (!mayGoOn(got)) close();
        return false;
    }
    if (state_ == State::ending) return true;  // nobody listens any more
    return sendPlain({scratch.data(), static_cast<std::size_t>(got)}) && towardsPlain_.empty();
}

bool TlsRelay::sendPlain(std::string_view bytes) {
    const auto sent =
        ::send(inner_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && !wouldBlock()) {
        endGracefully();
        return false;
    }
    towardsPlain_ = bytes.substr(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    return true;
}

bool TlsRelay::moveOut() {
    auto& scratch = services_.scratch;
    std::string held = std::exchange(towardsTls_, {});
    std::string_view bytes = held;
    if (bytes.empty()) {
        const auto got =
            ::recv(inner_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (got < 0 && wouldBlock()) return false;
        if (got <= 0) {
            endGracefully();
            return false;
        }
        bytes = {scratch.data(), static_cast<std::size_t>(got)};
    }
    while (!bytes.empty()) {
        ERR_clear_error();
        const int sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        if (sent <= 0) {
            if (!mayGoOn(sent)) {
                close();
                return false;
            }
            towardsTls_ = bytes;
            if (!timer_.armed()) services_.wheel.arm(timer_, limits::kTlsWriteDeadline);
            return false;
        }
        timer_.cancel();
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// All is sent. The client's side may still be sending, and a reset would take the last answer from
// it.
void TlsRelay::endGracefully() {
    if (state_ != State::open) return;
    state_ = State::ending;
    ErrorCode ignored;
    inner_.close(ignored);
    towardsPlain_.clear();
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    outer_.shutdown(Socket::shutdown_send, ignored);
    services_.wheel.arm(timer_, limits::kLingerTime);
}

void TlsRelay::onTimer() {
    if (state_ == State::handshaking) services_.stats.closed(Closing::requestDeadline).add();
    // A plain side that had to wait as well has given up, and is counted.
    if (state_ == State::open && !hasPlainSideEnded()) {
        services_.stats.closed(Closing::writeDeadline).add();
    }
    close();
}

bool TlsRelay::hasPlainSideEnded() {
    pollfd plain{inner_.native_handle(), 0, 0};
    return ::poll(&plain, 1, 0) == 1 && (plain.revents & POLLHUP) != 0;
}

void TlsRelay::waitForMore() {
    if (towardsPlain_.empty()) {
        waitOn(outer_, Socket::wait_read, waitingOuterRead_);
    } else {
        waitOn(inner_, Socket::wait_write, waitingInnerWrite_);
    }
    if (wantsWrite_) waitOn(outer_, Socket::wait_write, waitingOuterWrite_);
    if (state_ == State::open && towardsTls_.empty()) {
        waitOn(inner_, Socket::wait_read, waitingInnerRead_);
    }
}

void TlsRelay::waitOn(Socket& socket, Socket::wait_type what, bool& waiting) {
    if (std::exchange(waiting, true)) return;
    socket.async_wait(what, [self = shared_from_this(), &waiting](ErrorCode failed) {
        waiting = false;
        if (failed == asio::error::operation_aborted || self->state_ == State::closed) return;
        self->turn();
    });
}

void TlsRelay::close() {
    if (std::exchange(state_, State::closed) == State::closed) return;
    ErrorCode ignored;
    outer_.close(ignored);
    inner_.close(ignored);
    timer_.cancel();
    slot_ = {};
    leave();
    const auto last = std::move(self_);
}

}  // namespace parlor::gateway
