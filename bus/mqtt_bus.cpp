#include "bus/mqtt_bus.h"

#include <stdexcept>
#include <string_view>

#include "bus/broker_client.h"
#include "bus/mosquitto_session.h"
#include "bus/paho_session.h"

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

template <class Session>
std::unique_ptr<DrivenBus> make(MqttOptions options) {
    if (options.servers.empty()) throw std::invalid_argument("no MQTT server is given");
    for (const auto& server : options.servers) {
        if (!isServer(server)) throw std::invalid_argument("not an MQTT server: " + server);
    }
    return std::make_unique<client::BrokerClient>(
        std::move(options), [](const MqttOptions& how, const std::string& server,
                               std::uint64_t number, client::SessionSink& sink) {
            return std::unique_ptr<client::Session>(new Session(how, server, number, sink));
        });
}

}  // namespace

std::unique_ptr<Bus> makePahoBus(MqttOptions options) {
    return makeThreaded(make<paho::PahoSession>(std::move(options)));
}

std::unique_ptr<Bus> makeMosquittoBus(MqttOptions options) {
    return makeThreaded(makeDrivenMosquittoBus(std::move(options)));
}

std::unique_ptr<DrivenBus> makeDrivenMosquittoBus(MqttOptions options) {
    return make<mosquitto::MosquittoSession>(std::move(options));
}

}  // namespace parlor::bus
