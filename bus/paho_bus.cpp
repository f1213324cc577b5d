#include "bus/paho_bus.h"

#include <stdexcept>
#include <string_view>

#include "bus/paho_client.h"

namespace parlor::bus {
namespace {

// "tcp://host:port" or "ssl://host:port".
bool isServer(std::string_view text) {
    if (!text.starts_with("tcp://") && !text.starts_with("ssl://")) return false;
    text.remove_prefix(6);
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    return text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

}  // namespace

std::unique_ptr<Bus> makePahoBus(PahoOptions options) {
    if (options.servers.empty()) throw std::invalid_argument("no MQTT server is given");
    for (const auto& server : options.servers) {
        if (!isServer(server)) throw std::invalid_argument("not an MQTT server: " + server);
    }
    return std::make_unique<paho::PahoClient>(std::move(options));
}

}  // namespace parlor::bus
