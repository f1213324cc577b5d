#include "bus/paho_mapping.h"

#include <mqtt/properties.h>

#include <algorithm>
#include <limits>

namespace parlor::bus::paho {
namespace {

mqtt::properties toProperties(const Message& message) {
    mqtt::properties properties;
    using mqtt::property;
    if (message.expiry.count() > 0) {
        properties.add({property::MESSAGE_EXPIRY_INTERVAL,
                        static_cast<std::int32_t>(std::min<std::int64_t>(
                            message.expiry.count(), std::numeric_limits<std::int32_t>::max()))});
    }
    if (!message.responseTopic.empty()) {
        properties.add({property::RESPONSE_TOPIC, message.responseTopic});
    }
    if (!message.correlationData.empty()) {
        properties.add({property::CORRELATION_DATA, message.correlationData});
    }
    for (const auto& [name, value] : message.userProperties) {
        properties.add({property::USER_PROPERTY, name, value});
    }
    return properties;
}

std::string text(const MQTTLenString& from) {
    return from.data == nullptr ? std::string()
                                : std::string(from.data, static_cast<std::size_t>(from.len));
}

void readProperty(const MQTTProperty& property, Message& message) {
    switch (property.identifier) {
        case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
            message.expiry = std::chrono::seconds(property.value.integer4);
            break;
        case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
            message.responseTopic = text(property.value.data);
            break;
        case MQTTPROPERTY_CODE_CORRELATION_DATA:
            message.correlationData = text(property.value.data);
            break;
        case MQTTPROPERTY_CODE_USER_PROPERTY:
            message.userProperties.emplace_back(text(property.value.data),
                                                text(property.value.value));
            break;
        default:
            break;
    }
}

}  // namespace

mqtt::const_message_ptr toPaho(const Message& message) {
    return mqtt::message::create(message.topic, mqtt::binary_ref(message.payload),
                                 static_cast<int>(message.qos), message.retain,
                                 toProperties(message));
}

mqtt::will_options toPahoWill(const Message& message) {
    return {mqtt::string_ref(message.topic), mqtt::binary_ref(message.payload),
            static_cast<int>(message.qos), message.retain, toProperties(message)};
}

Message fromPaho(const mqtt::message& from) {
    Message message;
    message.topic = from.get_topic();
    message.payload = from.get_payload();
    message.qos = from.get_qos() == 0 ? Qos::atMostOnce : Qos::atLeastOnce;
    message.retain = from.is_retained();
    const auto& properties = from.get_properties().c_struct();
    for (int i = 0; i < properties.count; ++i) readProperty(properties.array[i], message);
    return message;
}

}  // namespace parlor::bus::paho
