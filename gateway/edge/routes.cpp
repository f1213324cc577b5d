#include "gateway/edge/routes.h"

#include <array>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <vector>

namespace parlor::gateway {
namespace {

using boost::beast::http::verb;

// What may stand in a path or query as it is: pchar, "/" and "?" (RFC 3986, 3.3 and 3.4), and the
// brackets that many write into queries.
constexpr std::array<bool, 256> makePlain() {
    std::array<bool, 256> plain{};
    for (unsigned char c = '0'; c <= '9'; ++c) plain[c] = true;
    for (unsigned char c = 'A'; c <= 'Z'; ++c) plain[c] = plain[c + ('a' - 'A')] = true;
    for (const char c : std::string_view("-._~!$&'()*+,;=:@/?[]")) {
        plain[static_cast<unsigned char>(c)] = true;
    }
    return plain;
}
constexpr auto kPlain = makePlain();

// The byte that "%XY" stands for at the beginning of `text`; nothing where it is not that.
std::optional<char> percentDecoded(std::string_view text) {
    unsigned char value = 0;
    const bool enough = text.size() >= 3 && text.front() == '%';
    if (!enough ||
        std::from_chars(text.data() + 1, text.data() + 3, value, 16).ptr != text.data() + 3) {
        return {};
    }
    return static_cast<char>(value);
}

bool isEncoded(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (kPlain[static_cast<unsigned char>(text[i])]) continue;
        if (!percentDecoded(text.substr(i))) return false;
        i += 2;
    }
    return true;
}

// `text` is isEncoded().
std::string decoded(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = percentDecoded(text.substr(i));
        plain += byte.value_or(text[i]);
        if (byte) i += 2;
    }
    return plain;
}

bool isNamed(std::string_view key, std::string_view name) {
    return key == name || (key.find('%') != std::string_view::npos && decoded(key) == name);
}

boost::container::small_vector<std::string_view, 5> split(std::string_view path) {
    boost::container::small_vector<std::string_view, 5> parts;
    path.remove_prefix(1);
    for (;;) {
        const auto slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

Expected<Target> Target::parse(std::string_view text) {
    const auto question = text.find('?');
    const std::string_view path = text.substr(0, question);
    // One character at a time: find_first_of() would search the set anew for each of the path's.
    const auto has = [path](char c) { return path.find(c) != std::string_view::npos; };
    if (!path.starts_with('/') || has('[') || has(']') || !isEncoded(text)) {
        return Error{Errc::malformed, "the request's target is not a path"};
    }
    Target target;
    target.path_ = path;
    if (question != std::string_view::npos) target.query_ = text.substr(question + 1);
    return target;
}

std::optional<std::string> Target::query(std::string_view name) const {
    for (std::string_view rest = query_; !rest.empty();) {
        const auto end = rest.find('&');
        const std::string_view param = rest.substr(0, end);
        const auto equals = param.find('=');
        if (equals != std::string_view::npos && isNamed(param.substr(0, equals), name)) {
            return decoded(param.substr(equals + 1));
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return {};
}

Expected<std::chrono::seconds> Target::wait(std::chrono::seconds most) const {
    const auto text = query("wait");
    if (!text) return std::chrono::seconds(0);
    unsigned value = 0;
    const char* end = text->data() + text->size();
    const auto [stopped, failed] = std::from_chars(text->data(), end, value);
    if (failed != std::errc() || stopped != end || std::chrono::seconds(value) > most) {
        return Error{Errc::malformed, "wait: must be a whole number of seconds, at most " +
                                          std::to_string(most.count())};
    }
    return std::chrono::seconds(value);
}

std::optional<Route> Target::route() const {
    if (path_.empty() || path_.front() != '/') return {};
    if (path_ == "/healthz") return Route{Call::healthz, {}};
    if (path_ == "/readyz") return Route{Call::readyz, {}};
    if (path_ == "/metrics") return Route{Call::metrics, {}};
    const auto parts = split(path_);
    if (parts.size() < 3 || parts[0] != "v1") return {};
    const std::string name(parts[2]);
    if (parts.size() == 3) {
        if (parts[1] == "requests") return Route{Call::request, name};
        return {};
    }
    if (parts.size() != 4) return {};
    if (parts[1] == "sites" && parts[3] == "conversations") return Route{Call::open, name};
    if (parts[1] == "requests" && parts[3] == "result") return Route{Call::result, name};
    if (parts[1] == "conversations") {
        if (parts[3] == "events") return Route{Call::events, name};
        if (parts[3] == "live") return Route{Call::live, name};
        if (parts[3] == "transcript") return Route{Call::transcript, name};
        if (parts[3] == "socket") return Route{Call::socket, name};
        if (parts[3] == "stream") return Route{Call::stream, name};
        if (parts[3] == "frame") return Route{Call::frame, name};
    }
    return {};
}

std::string_view allowedMethods(Call call) {
    switch (call) {
        case Call::open:
        case Call::live:
        case Call::transcript:
            return "POST, OPTIONS";
        case Call::events:
            return "GET, POST, OPTIONS";
        case Call::socket:
        case Call::stream:
        case Call::frame:
        case Call::request:
        case Call::result:
            return "GET, OPTIONS";
        case Call::healthz:
        case Call::readyz:
        case Call::metrics:
        case Call::file:
            break;
    }
    return "GET, HEAD, OPTIONS";
}

bool isAllowed(Call call, verb method) {
    switch (method) {
        case verb::options:
            return true;
        case verb::get:
            return call != Call::open && call != Call::live && call != Call::transcript;
        case verb::post:
            return call == Call::open || call == Call::events || call == Call::live ||
                   call == Call::transcript;
        case verb::head:
            return call == Call::healthz || call == Call::readyz || call == Call::metrics ||
                   call == Call::file;
        default:
            return false;
    }
}

}  // namespace parlor::gateway
