#include "gateway/edge/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace parlor::gateway {
namespace {

namespace ip = boost::asio::ip;
using State = ProxyHeader::State;

constexpr std::string_view kSignature1 = "PROXY ";
constexpr std::size_t kShortest1 = 15;  // "PROXY UNKNOWN" and the line's end
constexpr std::size_t kLongest1 = 107;

constexpr std::string_view kSignature2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kHead2 = 16;
constexpr unsigned char kLocal = 0x20;
constexpr unsigned char kProxy = 0x21;
constexpr unsigned char kOverIpv4 = 0x1;
constexpr unsigned char kOverIpv6 = 0x2;

ProxyHeader incomplete(std::size_t need) { return {State::incomplete, need, {}}; }
ProxyHeader complete(std::optional<ip::address> source = {}) {
    return {State::complete, 0, source};
}

unsigned char byteAt(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

// "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"
ProxyHeader readLine(std::string_view bytes) {
    if (!bytes.ends_with("\r\n")) {
        if (bytes.size() >= kLongest1 || bytes.find('\n') != std::string_view::npos) return {};
        return incomplete(bytes.size() < kShortest1 ? kShortest1 - bytes.size() : 1);
    }
    std::vector<std::string> words(1);
    for (const char c : bytes.substr(0, bytes.size() - 2)) {
        if (c == ' ') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    if (words.size() >= 2 && words[1] == "UNKNOWN") return complete();
    if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) return {};
    boost::system::error_code failed;
    const auto source = ip::make_address(words[2], failed);
    if (failed || source.is_v4() != (words[1] == "TCP4")) return {};
    return complete(source);
}

template <class Address>
ProxyHeader readAddress(std::string_view block) {
    typename Address::bytes_type raw;
    if (block.size() < 2 * raw.size() + 4) return {};  // source, destination, two ports
    std::copy_n(block.begin(), raw.size(), reinterpret_cast<char*>(raw.data()));
    return complete(ip::address(Address(raw)));
}

ProxyHeader readBinary(std::string_view bytes) {
    if (bytes.size() < kHead2) return incomplete(kHead2 - bytes.size());
    const std::size_t length = byteAt(bytes, 14) * 256U + byteAt(bytes, 15);
    if (kHead2 + length > ProxyHeader::kMaxBytes) return {};
    if (bytes.size() < kHead2 + length) return incomplete(kHead2 + length - bytes.size());
    const auto command = byteAt(bytes, 12);
    if (command == kLocal) return complete();
    if (command != kProxy) return {};
    const auto family = byteAt(bytes, 13) >> 4U;
    const std::string_view block = bytes.substr(kHead2);
    if (family == kOverIpv4) return readAddress<ip::address_v4>(block);
    if (family == kOverIpv6) return readAddress<ip::address_v6>(block);
    return complete();
}

bool begins(std::string_view bytes, std::string_view signature) {
    const auto common = std::min(bytes.size(), signature.size());
    return bytes.substr(0, common) == signature.substr(0, common);
}

}  // namespace

ProxyHeader readProxyHeader(std::string_view bytes) {
    if (bytes.empty()) return incomplete(kShortest1);
    if (begins(bytes, kSignature1)) return readLine(bytes);
    if (begins(bytes, kSignature2)) return readBinary(bytes);
    return {};
}

}  // namespace parlor::gateway
