#include "bus/mosquitto_mapping.h"

#include <mqtt_protocol.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace parlor::bus::mosquitto {
namespace {

struct FreeText {
    void operator()(void* text) const { std::free(text); }
};

// A text that the library allocated; empty for none.
std::string take(char* text) {
    const std::unique_ptr<char, FreeText> owned(text);
    return owned ? std::string(owned.get()) : std::string();
}

void readCorrelation(const mosquitto_property* list, Message& message) {
    void* bytes = nullptr;
    std::uint16_t length = 0;
    if (mosquitto_property_read_binary(list, MQTT_PROP_CORRELATION_DATA, &bytes, &length, false) ==
        nullptr) {
        return;
    }
    const std::unique_ptr<void, FreeText> owned(bytes);
    message.correlationData.assign(static_cast<const char*>(bytes), length);
}

void readUserProperties(const mosquitto_property* list, Message& message) {
    char* name = nullptr;
    char* value = nullptr;
    const auto* at =
        mosquitto_property_read_string_pair(list, MQTT_PROP_USER_PROPERTY, &name, &value, false);
    while (at != nullptr) {
        message.userProperties.emplace_back(take(name), take(value));
        at = mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, true);
    }
}

}  // namespace

Expected<Properties> toProperties(const Message& message) {
    mosquitto_property* list = nullptr;
    int result = MOSQ_ERR_SUCCESS;
    const auto add = [&](int outcome) {
        if (result == MOSQ_ERR_SUCCESS) result = outcome;
    };
    if (message.expiry.count() > 0) {
        const auto seconds = std::min<std::int64_t>(message.expiry.count(),
                                                    std::numeric_limits<std::int32_t>::max());
        add(mosquitto_property_add_int32(&list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                         static_cast<std::uint32_t>(seconds)));
    }
    if (!message.responseTopic.empty()) {
        add(mosquitto_property_add_string(&list, MQTT_PROP_RESPONSE_TOPIC,
                                          message.responseTopic.c_str()));
    }
    if (!message.correlationData.empty()) {
        const auto length = std::min<std::size_t>(message.correlationData.size(), 65535);
        add(mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA,
                                          message.correlationData.data(),
                                          static_cast<std::uint16_t>(length)));
    }
    for (const auto& [name, value] : message.userProperties) {
        add(mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name.c_str(),
                                               value.c_str()));
    }
    Properties owned(list);
    if (result != MOSQ_ERR_SUCCESS) return Error{Errc::malformed, mosquitto_strerror(result)};
    return owned;
}

Message fromMosquitto(const mosquitto_message& from, const mosquitto_property* properties) {
    Message message;
    message.topic = from.topic;
    if (from.payloadlen > 0) {
        message.payload.assign(static_cast<const char*>(from.payload),
                               static_cast<std::size_t>(from.payloadlen));
    }
    message.qos = from.qos == 0 ? Qos::atMostOnce : Qos::atLeastOnce;
    message.retain = from.retain;
    if (properties == nullptr) return message;
    std::uint32_t expiry = 0;
    if (mosquitto_property_read_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &expiry,
                                      false) != nullptr) {
        message.expiry = std::chrono::seconds(expiry);
    }
    char* topic = nullptr;
    if (mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &topic, false) !=
        nullptr) {
        message.responseTopic = take(topic);
    }
    readCorrelation(properties, message);
    readUserProperties(properties, message);
    return message;
}

}  // namespace parlor::bus::mosquitto
