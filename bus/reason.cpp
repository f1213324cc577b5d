#include "bus/reason.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <algorithm>
#include <cctype>

namespace parlor::bus {
namespace {

Errc errcOf(int reason) {
    switch (reason) {
        case MQTT_RC_MALFORMED_PACKET:
        case MQTT_RC_PROTOCOL_ERROR:
        case MQTT_RC_TOPIC_FILTER_INVALID:
        case MQTT_RC_TOPIC_NAME_INVALID:
        case MQTT_RC_PAYLOAD_FORMAT_INVALID:
            return Errc::malformed;
        case MQTT_RC_PACKET_TOO_LARGE:
            return Errc::tooLarge;
        case MQTT_RC_PACKET_ID_IN_USE:
        case MQTT_RC_RECEIVE_MAXIMUM_EXCEEDED:
        case MQTT_RC_MESSAGE_RATE_TOO_HIGH:
        case MQTT_RC_QUOTA_EXCEEDED:
            return Errc::overloaded;
        case MQTT_RC_SERVER_UNAVAILABLE:
        case MQTT_RC_SERVER_BUSY:
        case MQTT_RC_SERVER_SHUTTING_DOWN:
        case MQTT_RC_USE_ANOTHER_SERVER:
        case MQTT_RC_SERVER_MOVED:
            return Errc::unavailable;
        default:
            return Errc::forbidden;
    }
}

}  // namespace

std::string describe(int reason) {
    std::string words(mosquitto_reason_string(reason));
    std::transform(words.begin(), words.end(), words.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return words;
}

Error refusal(int reason, std::string_view what) {
    return {errcOf(reason), std::string(what) + ": the broker answers: " + describe(reason)};
}

}  // namespace parlor::bus
