#include "gateway/edge/routes.h"

#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <vector>

namespace parlor::gateway {
namespace {

namespace urls = boost::urls;
using boost::beast::http::verb;

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
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
    const auto url = urls::parse_origin_form(urls::string_view(text.data(), text.size()));
    if (!url) return Error{Errc::malformed, "the request's target is not a path"};
    Target target;
    const auto path = url->encoded_path();
    target.path_.assign(path.data(), path.size());
    const auto query = url->encoded_query();
    target.query_.assign(query.data(), query.size());
    return target;
}

std::optional<std::string> Target::query(std::string_view name) const {
    const auto query = urls::parse_query(query_);
    if (!query) return {};
    for (const auto& param : *query) {
        const std::string key = param.key.decode();
        if (key == name && param.has_value) return param.value.decode();
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
    if (parts[1] == "conversations") {
        if (parts[3] == "events") return Route{Call::events, name};
        if (parts[3] == "socket") return Route{Call::socket, name};
        if (parts[3] == "stream") return Route{Call::stream, name};
        if (parts[3] == "frame") return Route{Call::frame, name};
    }
    return {};
}

std::string_view allowedMethods(Call call) {
    switch (call) {
        case Call::open:
            return "POST, OPTIONS";
        case Call::events:
            return "GET, POST, OPTIONS";
        case Call::socket:
        case Call::stream:
        case Call::frame:
        case Call::request:
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
            return call != Call::open;
        case verb::post:
            return call == Call::open || call == Call::events;
        case verb::head:
            return call == Call::healthz || call == Call::readyz || call == Call::metrics ||
                   call == Call::file;
        default:
            return false;
    }
}

}  // namespace parlor::gateway
