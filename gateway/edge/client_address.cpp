#include "gateway/edge/client_address.h"

#include <charconv>

namespace parlor::gateway {
namespace {

namespace ip = boost::asio::ip;
using ErrorCode = boost::system::error_code;

// IPv4 in its IPv6 clothes is IPv4.
ip::address plain(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

template <class Bytes>
bool samePrefix(const Bytes& a, const Bytes& b, unsigned bits) {
    for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
        const unsigned take = bits < 8 ? bits : 8;
        const auto mask = static_cast<unsigned char>(0xFFU << (8 - take));
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= take;
    }
    return true;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    ErrorCode failed;
    Network network;
    network.address_ = plain(ip::make_address(std::string(text.substr(0, slash)), failed));
    if (failed) return {};
    const unsigned most = network.address_.is_v4() ? 32 : 128;
    network.bits_ = most;
    if (slash == std::string_view::npos) return network;
    const char* end = text.data() + text.size();
    const auto [stopped, wrong] = std::from_chars(text.data() + slash + 1, end, network.bits_);
    if (wrong != std::errc() || stopped != end || network.bits_ > most) return {};
    return network;
}

bool Network::contains(const ip::address& address) const {
    const ip::address other = plain(address);
    if (other.is_v4() != address_.is_v4()) return false;
    return other.is_v4() ? samePrefix(address_.to_v4().to_bytes(), other.to_v4().to_bytes(), bits_)
                         : samePrefix(address_.to_v6().to_bytes(), other.to_v6().to_bytes(), bits_);
}

std::optional<ip::address> clientAddress(const ip::address& peer, std::string_view forwardedFor,
                                         const std::vector<Network>& trusted) {
    const auto isTrusted = [&](const ip::address& address) {
        for (const Network& network : trusted) {
            if (network.contains(address)) return true;
        }
        return false;
    };
    if (!isTrusted(peer)) return plain(peer);
    while (!forwardedFor.empty()) {
        const auto comma = forwardedFor.rfind(',');
        const std::string_view last = trimmed(
            comma == std::string_view::npos ? forwardedFor : forwardedFor.substr(comma + 1));
        forwardedFor = comma == std::string_view::npos ? "" : forwardedFor.substr(0, comma);
        ErrorCode failed;
        const ip::address address = ip::make_address(std::string(last), failed);
        if (failed) return {};  // a proxy of ours that writes something else: nobody to count
        if (!isTrusted(address)) return plain(address);
    }
    return {};
}

std::string rateKey(const ip::address& address) {
    const ip::address client = plain(address);
    if (client.is_v4()) {
        const auto bytes = client.to_v4().to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    const auto bytes = client.to_v6().to_bytes();
    return {bytes.begin(), bytes.begin() + 8};
}

}  // namespace parlor::gateway
