#pragma once

// Who is at the other end, behind whatever stands before the gateway.

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::gateway {

// An address range, e.g. 10.0.0.0/8 or ::1.
class Network {
 public:
    // Nothing where `text` is none.
    static std::optional<Network> parse(std::string_view text);
    bool contains(const boost::asio::ip::address& address) const;

 private:
    boost::asio::ip::address address_;
    unsigned bits_ = 0;
};

// The client's address: the peer's, unless the peer is a trusted proxy; then the last address of
// X-Forwarded-For that is not one. Nothing where only trusted proxies are named: a health check, or
// somebody on the gateway's own machine.
std::optional<boost::asio::ip::address> clientAddress(const boost::asio::ip::address& peer,
                                                      std::string_view forwardedFor,
                                                      const std::vector<Network>& trusted);

// What rates are counted by: an IPv4 address, or the /64 that an IPv6 address is in, because a
// household has a whole one.
std::string rateKey(const boost::asio::ip::address& address);

}  // namespace parlor::gateway
