#pragma once

// TLS, ended by the gateway itself: a visitor's connection on one side, on the other a plain one
// inside this process, whose end an HttpConnection has.
//
//   handshaking ──▶ open ──the plain side ends──▶ ending ──▶ closed
//
// So nothing else knows of TLS, and who does not use it pays nothing. Between bytes a relay has no
// buffers: OpenSSL gives its own back, and bytes pass through the shard's scratch.

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "gateway/edge/services.h"

namespace parlor::gateway {

// Shard's thread only. Lives until both sides are closed.
class TlsRelay : public Connection, public std::enable_shared_from_this<TlsRelay> {
 public:
    // Takes the socket; the slot goes on to the HttpConnection.
    static void start(Socket socket, ConnectionSlot slot, const asio::ip::address& peer,
                      Services& services, SSL_CTX& context);
    TlsRelay(Socket socket, ConnectionSlot slot, const asio::ip::address& peer, Services& services,
             SSL_CTX& context);

    // The HttpConnection ends by itself, and this one with it.
    void drain() override {
        if (state_ == State::handshaking) close();
    }
    void abort() override { close(); }

 private:
    enum class State : std::uint8_t { handshaking, open, ending, closed };
    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    // Does whatever can be done without waiting, then waits for what is needed next.
    void turn();
    void handshake();
    bool openPlainSide();
    // Each moves what is there; false: closed, or ending.
    bool moveIn();
    bool moveOut();
    bool sendPlain(std::string_view bytes);
    // What SSL_get_error says of `result`: false where the connection is of no more use.
    bool mayGoOn(int result);
    bool hasPlainSideEnded();
    void endGracefully();
    void onTimer();
    void waitForMore();
    void waitOn(Socket& socket, Socket::wait_type what, bool& waiting);
    void close();

    Services& services_;
    ConnectionSlot slot_;  // until the plain side is open
    const asio::ip::address peer_;
    Socket outer_;
    Socket inner_;
    const std::unique_ptr<SSL, FreeSsl> ssl_;
    State state_ = State::handshaking;
    bool wantsWrite_ = false;   // OpenSSL cannot go on before outer_ is writable
    std::string towardsPlain_;  // what inner_ did not take
    std::string towardsTls_;    // what ssl_ did not take
    bool waitingOuterRead_ = false;
    bool waitingOuterWrite_ = false;
    bool waitingInnerRead_ = false;
    bool waitingInnerWrite_ = false;
    Timer timer_;  // of the handshake, of a client that does not read, of the end
    std::shared_ptr<TlsRelay> self_;
};

}  // namespace parlor::gateway
