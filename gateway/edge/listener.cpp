#include "gateway/edge/listener.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <memory>

#include "gateway/edge/http_connection.h"
#include "gateway/edge/limits.h"
#include "gateway/edge/proxy_protocol.h"
#include "gateway/edge/tls_relay.h"

namespace parlor::gateway {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds kRetry{100};

void open(Acceptor& acceptor, const Endpoint& endpoint, bool shared) {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    if (shared) acceptor.set_option(ReusePort(true));
    acceptor.bind(endpoint);
    acceptor.listen(Listener::kBacklog);
}

}  // namespace

Endpoint probe(const Endpoint& wanted) {
    asio::io_context io;
    Acceptor acceptor(io.get_executor());
    open(acceptor, wanted, false);
    return acceptor.local_endpoint();
}

// Reads who is behind a trusted proxy, before anything else of a connection.
class Listener::Prelude : public Connection, public std::enable_shared_from_this<Prelude> {
 public:
    Prelude(Listener& listener, Socket socket, const asio::ip::address& proxy)
        : listener_(listener),
          slot_(listener.services_.limits.take({})),
          socket_(std::move(socket)),
          proxy_(proxy),
          timer_([this] { abort(); }) {}

    void start() {
        if (!slot_) return listener_.services_.stats.connectionsRefused.add();
        listener_.services_.connections.push_back(*this);
        listener_.services_.wheel.arm(timer_, limits::kReadDeadline);
        more();
    }
    void drain() override { abort(); }
    void abort() override {
        ErrorCode ignored;
        socket_.close(ignored);
        timer_.cancel();
        slot_ = {};
        leave();
    }

 private:
    void more() {
        const ProxyHeader header = readProxyHeader({bytes_.data(), have_});
        if (header.state == ProxyHeader::State::malformed) {
            listener_.services_.stats.connectionsRefused.add();
            return abort();
        }
        if (header.state == ProxyHeader::State::complete) {
            Socket socket = std::move(socket_);
            abort();
            return listener_.serve(std::move(socket), header.source.value_or(proxy_));
        }
        // Not a byte more: what follows is not ours.
        socket_.async_read_some(asio::buffer(bytes_.data() + have_, header.need),
                                [self = shared_from_this()](ErrorCode failed, std::size_t got) {
                                    if (failed) return self->abort();
                                    self->have_ += got;
                                    self->more();
                                });
    }

    Listener& listener_;
    ConnectionSlot slot_;
    Socket socket_;
    const asio::ip::address proxy_;
    Timer timer_;
    std::array<char, ProxyHeader::kMaxBytes> bytes_{};
    std::size_t have_ = 0;
};

Listener::Listener(const Endpoint& endpoint, Services& services, const TlsContext* tls)
    : services_(services),
      tls_(tls),
      acceptor_(services.io.get_executor()),
      retry_([this] { acceptNext(); }) {
    open(acceptor_, endpoint, true);
}

void Listener::start() { acceptNext(); }

void Listener::stop() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    retry_.cancel();
}

void Listener::admit(Socket socket) {
    ErrorCode gone;
    const auto peer = socket.remote_endpoint(gone).address();
    if (gone) return;
    const bool trusted = !clientAddress(peer, {}, services_.config.trustedProxies).has_value();
    if (!services_.config.proxyProtocol || !trusted) return serve(std::move(socket), peer);
    std::make_shared<Prelude>(*this, std::move(socket), peer)->start();
}

void Listener::serve(Socket socket, const asio::ip::address& peer) {
    // A proxy's connections are many people's.
    const auto client = clientAddress(peer, {}, services_.config.trustedProxies);
    ConnectionSlot slot = services_.limits.take(client ? rateKey(*client) : std::string());
    if (!slot) return services_.stats.connectionsRefused.add();
    if (tls_ == nullptr) {
        return HttpConnection::start(std::move(socket), std::move(slot), peer, services_);
    }
    TlsRelay::start(std::move(socket), std::move(slot), peer, services_, *tls_->current());
}

void Listener::acceptNext() {
    acceptor_.async_accept([this](ErrorCode failed, Socket socket) {
        if (failed == asio::error::operation_aborted) return;
        if (failed) {
            // Mostly: no descriptors left. The connection stays in the backlog.
            services_.stats.connectionsRefused.add();
            return services_.wheel.arm(retry_, kRetry);
        }
        admit(std::move(socket));
        acceptNext();
    });
}

}  // namespace parlor::gateway
