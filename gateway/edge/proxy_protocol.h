#pragma once

// The PROXY protocol's header, versions 1 and 2 (HAProxy's proxy-protocol.txt): who is behind the
// proxy that has connected.

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

namespace parlor::gateway {

struct ProxyHeader {
    enum class State { incomplete, complete, malformed };
    // Version 1 has at most 107 bytes, version 2 its 16 and what it says, of which we take so many.
    static constexpr std::size_t kMaxBytes = 1024;

    State state = State::malformed;
    std::size_t need = 0;  // incomplete: so many more bytes belong to it for certain
    // Nothing: the proxy speaks for itself, or does not know.
    std::optional<boost::asio::ip::address> source;
};

// `bytes` is a beginning of the header, and nothing of what follows it.
ProxyHeader readProxyHeader(std::string_view bytes);

}  // namespace parlor::gateway
