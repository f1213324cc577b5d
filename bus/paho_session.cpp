#include "bus/paho_session.h"

#include <limits>

#include "bus/paho_mapping.h"
#include "bus/reason.h"

namespace parlor::bus::paho {

using client::Broken;
using client::Connected;
using client::Disconnected;
using client::Granted;
using client::kNoAnswer;
using client::Published;

namespace {

// Our own window and queue are the bound; Paho's is set out of their way.
constexpr int kPahoBuffer = 1 << 20;
constexpr int kPahoInflight = 65535;
// Paho looks at its own connect timeout every three seconds only, so the owner keeps the limit.
constexpr std::chrono::seconds kPahoConnectTimeout{60};

mqtt::create_options createOptions() {
    return mqtt::create_options_builder()
        .mqtt_version(MQTTVERSION_5)
        .max_buffered_messages(kPahoBuffer)
        .send_while_disconnected(false)
        .finalize();
}

mqtt::ssl_options tlsOptions(const MqttOptions& options) {
    mqtt::ssl_options tls;
    if (!options.caFile.empty()) tls.set_trust_store(options.caFile);
    if (!options.certificateFile.empty()) tls.set_key_store(options.certificateFile);
    if (!options.keyFile.empty()) tls.set_private_key(options.keyFile);
    tls.set_enable_server_cert_auth(true);
    tls.set_verify(true);
    return tls;
}

void* toContext(std::uint64_t id) { return reinterpret_cast<void*>(id); }
std::uint64_t fromContext(const mqtt::token& token) {
    return reinterpret_cast<std::uint64_t>(token.get_user_context());
}

Connected connectedFrom(const mqtt::properties& properties) {
    Connected connected{65535, std::numeric_limits<std::size_t>::max()};
    if (properties.contains(mqtt::property::RECEIVE_MAXIMUM)) {
        connected.receiveMaximum =
            mqtt::get<std::uint16_t>(properties, mqtt::property::RECEIVE_MAXIMUM);
    }
    if (properties.contains(mqtt::property::MAXIMUM_PACKET_SIZE)) {
        connected.maximumPacket =
            mqtt::get<std::uint32_t>(properties, mqtt::property::MAXIMUM_PACKET_SIZE);
    }
    return connected;
}

std::vector<int> subscribeReasons(const mqtt::token& token) {
    // get_subscribe_response() throws where the first filter was refused.
    if (token.get_reason_code() >= kRefused) return {token.get_reason_code()};
    const auto response = token.get_subscribe_response();
    const auto& codes = response.get_reason_codes();
    return {codes.begin(), codes.end()};
}

Error connectFailure(const mqtt::token& token) {
    const int code = token.get_return_code();
    if (code >= kRefused) return refusal(code, "connect");
    return {Errc::unavailable, "cannot be reached"};
}

mqtt::const_string_collection_ptr collect(std::span<const std::string> filters) {
    return mqtt::string_collection::create(std::vector(filters.begin(), filters.end()));
}

// Calls Paho, which throws where nothing was sent.
template <class Call>
Expected<void> attempt(const Call& call) {
    try {
        call();
        return {};
    } catch (const mqtt::exception& e) {
        const bool malformed = e.get_return_code() == MQTTASYNC_BAD_UTF8_STRING;
        return Error{malformed ? Errc::malformed : Errc::unavailable, e.what()};
    }
}

}  // namespace

PahoSession::PahoSession(const MqttOptions& options, const std::string& server,
                         std::uint64_t number, client::SessionSink& sink)
    : Session(server, number), sink_(sink), client_(server, options.clientId, createOptions()) {
    client_.set_message_callback([this](const mqtt::const_message_ptr& message) {
        tell(client::Arrived{fromPaho(*message)});
    });
    client_.set_connection_lost_handler(
        [this](const std::string&) { tell(Broken{{Errc::unavailable, "connection lost"}}); });
    client_.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
        tell(Broken{refusal(reason, "connection")});
    });
}

PahoSession::~PahoSession() = default;

void PahoSession::connect(const MqttOptions& options) {
    mqtt::connect_options connect;
    connect.set_mqtt_version(MQTTVERSION_5);
    connect.set_clean_start(true);
    connect.set_automatic_reconnect(false);
    connect.set_keep_alive_interval(options.keepAlive);
    connect.set_connect_timeout(kPahoConnectTimeout);
    connect.set_max_inflight(kPahoInflight);
    if (!options.username.empty()) connect.set_user_name(options.username);
    if (!options.password.empty()) connect.set_password(options.password);
    if (options.will) connect.set_will(toPahoWill(*options.will));
    if (this->server().starts_with("ssl://")) connect.set_ssl(tlsOptions(options));
    const auto started = attempt([&] { client_.connect(connect, nullptr, *this); });
    if (!started) tell(Broken{started.error()});
}

Expected<client::Session::Sent> PahoSession::publish(std::uint64_t id, const Message& message) {
    const auto sent = attempt([&] { client_.publish(toPaho(message), toContext(id), *this); });
    if (!sent) return sent.error();
    return Sent::awaited;
}

Expected<void> PahoSession::subscribe(std::uint64_t id, std::span<const std::string> filters,
                                      Qos qos) {
    return attempt([&] {
        client_.subscribe(
            collect(filters),
            mqtt::iasync_client::qos_collection(filters.size(), static_cast<int>(qos)),
            toContext(id), *this);
    });
}

Expected<void> PahoSession::unsubscribe(std::uint64_t id, std::span<const std::string> filters) {
    return attempt([&] { client_.unsubscribe(collect(filters), toContext(id), *this); });
}

bool PahoSession::disconnect() {
    return attempt([&] { client_.disconnect(0, nullptr, *this); }).has_value();
}

void PahoSession::on_success(const mqtt::token& token) {
    switch (token.get_type()) {
        case mqtt::token::Type::CONNECT:
            return tell(connectedFrom(token.get_connect_response().get_properties()));
        case mqtt::token::Type::PUBLISH:
            return tell(Published{fromContext(token), 0});
        case mqtt::token::Type::SUBSCRIBE:
            return tell(Granted{fromContext(token), subscribeReasons(token)});
        case mqtt::token::Type::UNSUBSCRIBE:
            return tell(Granted{fromContext(token), {token.get_reason_code()}});
        case mqtt::token::Type::DISCONNECT:
            return tell(Disconnected{});
    }
}

void PahoSession::on_failure(const mqtt::token& token) {
    const int reason = token.get_reason_code();
    const bool refused = reason >= kRefused;
    switch (token.get_type()) {
        case mqtt::token::Type::CONNECT:
            return tell(Broken{connectFailure(token)});
        case mqtt::token::Type::PUBLISH:
            return tell(Published{fromContext(token), refused ? reason : kNoAnswer});
        case mqtt::token::Type::SUBSCRIBE:
        case mqtt::token::Type::UNSUBSCRIBE:
            // Without an answer the connection is over, which is told by itself.
            if (refused) tell(Granted{fromContext(token), {reason}});
            return;
        case mqtt::token::Type::DISCONNECT:
            return tell(Disconnected{});
    }
}

}  // namespace parlor::bus::paho
