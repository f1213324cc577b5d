#pragma once

// Accepts connections for one shard.

#include <boost/asio/ip/tcp.hpp>

#include "gateway/edge/services.h"
#include "gateway/edge/tls_context.h"

namespace parlor::gateway {

using Endpoint = asio::ip::tcp::endpoint;

// Makes sure that nobody listens there and gives the endpoint with its port filled in (port 0 means
// any). Shards share their port (SO_REUSEPORT), and without this check a second gateway would share
// it too, unseen. Throws boost::system::system_error.
Endpoint probe(const Endpoint& wanted);

// Shard's thread only, but for construction.
class Listener {
 public:
    static constexpr int kBacklog = 4096;

    // Listens at once. Throws boost::system::system_error. `tls`: what its connections speak; null:
    // plain HTTP.
    Listener(const Endpoint& endpoint, Services& services, const TlsContext* tls = nullptr);

    void start();
    void stop();

 private:
    void acceptNext();
    void admit(Socket socket);
    void serve(Socket socket, const asio::ip::address& peer);

    class Prelude;

    Services& services_;
    const TlsContext* const tls_;
    Acceptor acceptor_;
    Timer retry_;  // after an accept that failed for want of descriptors
};

}  // namespace parlor::gateway
