#include "bench/gateway/request_view.h"

#include <charconv>
#include <stdexcept>

namespace parlor::bench {

std::optional<RequestView> parseRequest(std::string_view bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const auto end = bytes.find(kEnd);
    if (end == std::string_view::npos) return {};
    const auto head = bytes.substr(0, end);
    const auto target = head.find(' ') + 1;
    const auto after = head.find(' ', target);
    if (target == 0 || after == std::string_view::npos) throw std::runtime_error("not a request");

    std::size_t length = 0;
    if (const auto at = head.find(kLength); at != std::string_view::npos) {
        std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
    }
    const auto bodyAt = end + kEnd.size();
    if (bytes.size() - bodyAt < length) return {};
    const auto text = head.substr(target, after - target);
    const auto question = text.find('?');
    const auto equals = text.find('=');
    return RequestView{
        .method = head.substr(0, target - 1),
        .path = text.substr(0, question),
        .value = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1),
        .body = bytes.substr(bodyAt, length),
        .size = bodyAt + length};
}

}  // namespace parlor::bench
