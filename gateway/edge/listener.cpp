#include "gateway/edge/listener.h"

#include <sys/socket.h>

#include "gateway/edge/http_connection.h"

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

Listener::Listener(const Endpoint& endpoint, Services& services)
    : services_(services), acceptor_(services.io.get_executor()), retry_([this] { acceptNext(); }) {
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
    // A proxy's connections are many people's.
    const auto client = clientAddress(peer, {}, services_.config.trustedProxies);
    ConnectionSlot slot = services_.limits.take(client ? rateKey(*client) : std::string());
    if (!slot) return services_.stats.connectionsRefused.add();
    HttpConnection::start(std::move(socket), std::move(slot), peer, services_);
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
