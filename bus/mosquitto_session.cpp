#include "bus/mosquitto_session.h"

#include <arpa/inet.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "bus/mosquitto_mapping.h"
#include "bus/reason.h"

namespace parlor::bus::mosquitto {

using client::Arrived;
using client::Broken;
using client::Connected;
using client::Disconnected;
using client::Granted;
using client::Published;

namespace {

// Keep-alive and what else the library does by the clock.
constexpr std::chrono::seconds kHousekeeping{1};
// Packets that one turn reads before others get theirs.
constexpr int kPacketsPerTurn = 256;

// A lookup may outlive main(), and is then in OpenSSL: which therefore must not take itself down
// when the process exits. The first to call OpenSSL decides that, so before main().
[[maybe_unused]] const int kOpenSslStays = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);

// The library for the whole process, and until its end: a lookup may outlive everything else.
void useLibrary() {
    static const bool used = [] {
        mosquitto_lib_init();
        // OpenSSL writes to sockets without MSG_NOSIGNAL.
        struct sigaction now = {};
        if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) {
            ::signal(SIGPIPE, SIG_IGN);
        }
        return true;
    }();
    (void)used;
}

struct Address {
    std::string host;
    int port;
    bool tls;
};

// "tcp://host:port" or "ssl://host:port", with [] around an IPv6 address.
Address addressOf(const std::string& server) {
    const auto colon = server.rfind(':');
    std::string host = server.substr(6, colon - 6);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return {host, std::stoi(server.substr(colon + 1)), server.starts_with("ssl://")};
}

bool isAddress(const std::string& host) {
    in6_addr any;
    return ::inet_pton(AF_INET, host.c_str(), &any) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

const char* orNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

std::string errorText(int result) {
    if (result == MOSQ_ERR_ERRNO) return std::generic_category().message(errno);
    return mosquitto_strerror(result);
}

Expected<void> toResult(int called) {
    switch (called) {
        case MOSQ_ERR_SUCCESS:
            return {};
        case MOSQ_ERR_INVAL:
        case MOSQ_ERR_MALFORMED_UTF8:
        case MOSQ_ERR_MALFORMED_PACKET:
            return Error{Errc::malformed, errorText(called)};
        case MOSQ_ERR_PAYLOAD_SIZE:
        case MOSQ_ERR_OVERSIZE_PACKET:
            return Error{Errc::tooLarge, errorText(called)};
        default:
            return Error{Errc::unavailable, errorText(called)};
    }
}

std::vector<char*> pointers(std::span<const std::string> filters) {
    std::vector<char*> all;
    // The library takes them as char* and does not write.
    for (const auto& filter : filters) all.push_back(const_cast<char*>(filter.c_str()));
    return all;
}

}  // namespace

MosquittoSession::MosquittoSession(const MqttOptions& options, const std::string& server,
                                   std::uint64_t number, client::SessionSink& sink)
    : Session(server, number), caller_(std::make_shared<Caller>()) {
    caller_->sink = &sink;
    useLibrary();
    client_.reset(mosquitto_new(options.clientId.c_str(), true, this), &mosquitto_destroy);
    if (!client_) throw std::runtime_error("cannot set up an MQTT client: " + options.clientId);
    auto* client = client_.get();
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    // Our own window is the bound.
    mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, 65535);
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
    mosquitto_connect_v5_callback_set(client, &onConnect);
    mosquitto_disconnect_v5_callback_set(client, &onDisconnect);
    mosquitto_message_v5_callback_set(client, &onMessage);
    mosquitto_publish_v5_callback_set(client, &onPublish);
    mosquitto_subscribe_v5_callback_set(client, &onSubscribe);
    mosquitto_unsubscribe_v5_callback_set(client, &onUnsubscribe);
}

MosquittoSession::~MosquittoSession() {
    const std::lock_guard lock(caller_->mutex);
    caller_->sink = nullptr;
}

// --- what the owner asks ------------------------------------------------------------------------

void MosquittoSession::connect(const MqttOptions& options) {
    try {
        configure(options);
    } catch (const std::runtime_error& failed) {
        return lost({Errc::unavailable, failed.what()});
    }
    nextTurn_ = Clock::now() + kHousekeeping;
    const auto address = addressOf(server());
    const auto connect = [address, client = client_,
                          keepAlive = static_cast<int>(options.keepAlive.count())] {
        return toResult(
            mosquitto_connect_async(client.get(), address.host.c_str(), address.port, keepAlive));
    };
    if (isAddress(address.host)) return attempted({connect()});
    lookingUp_ = true;
    std::thread([connect, caller = caller_, number = number()] {
        client::Attempted attempt{connect()};
        const std::lock_guard lock(caller->mutex);
        if (caller->sink != nullptr) caller->sink->onSession(number, std::move(attempt));
    }).detach();
}

void MosquittoSession::attempted(const client::Attempted& attempt) {
    lookingUp_ = false;
    if (!attempt.result) lost(attempt.result.error());
}

// Throws std::runtime_error where the library refuses an option.
void MosquittoSession::configure(const MqttOptions& options) {
    const auto require = [](int result, const char* what) {
        if (result != MOSQ_ERR_SUCCESS) {
            throw std::runtime_error(std::string(what) + ": " + errorText(result));
        }
    };
    auto* client = client_.get();
    if (!options.username.empty()) {
        require(
            mosquitto_username_pw_set(client, options.username.c_str(), orNull(options.password)),
            "name and password");
    }
    if (options.will) {
        auto properties = toProperties(*options.will);
        if (!properties) throw std::runtime_error("will: " + properties.error().text);
        require(
            mosquitto_will_set_v5(client, options.will->topic.c_str(),
                                  static_cast<int>(options.will->payload.size()),
                                  options.will->payload.data(), static_cast<int>(options.will->qos),
                                  options.will->retain, properties->release()),
            "will");
    }
    if (addressOf(server()).tls) {
        if (options.caFile.empty()) {
            require(mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "TLS");
        }
        if (!options.caFile.empty() || !options.certificateFile.empty()) {
            require(mosquitto_tls_set(client, orNull(options.caFile), nullptr,
                                      orNull(options.certificateFile), orNull(options.keyFile),
                                      nullptr),
                    "TLS");
        }
    }
}

Expected<client::Session::Sent> MosquittoSession::publish(std::uint64_t id,
                                                          const Message& message) {
    const auto properties = toProperties(message);
    if (!properties) return properties.error();
    int packet = 0;
    const auto sent = check(mosquitto_publish_v5(
        client_.get(), &packet, message.topic.c_str(), static_cast<int>(message.payload.size()),
        message.payload.data(), static_cast<int>(message.qos), message.retain, properties->get()));
    if (!sent) return sent.error();
    if (message.qos == Qos::atMostOnce) return Sent::over;
    published_[packet] = id;
    return Sent::awaited;
}

Expected<void> MosquittoSession::subscribe(std::uint64_t id, std::span<const std::string> filters,
                                           Qos qos) {
    int packet = 0;
    const auto all = pointers(filters);
    const auto sent =
        check(mosquitto_subscribe_multiple(client_.get(), &packet, static_cast<int>(all.size()),
                                           all.data(), static_cast<int>(qos), 0, nullptr));
    if (sent) asked_[packet] = {id, filters.size()};
    return sent;
}

Expected<void> MosquittoSession::unsubscribe(std::uint64_t id,
                                             std::span<const std::string> filters) {
    int packet = 0;
    const auto all = pointers(filters);
    const auto sent = check(mosquitto_unsubscribe_multiple(
        client_.get(), &packet, static_cast<int>(all.size()), all.data(), nullptr));
    if (sent) asked_[packet] = {id, filters.size()};
    return sent;
}

bool MosquittoSession::disconnect() {
    if (lookingUp_) return false;
    nextTurn_ = Clock::now();
    return mosquitto_disconnect_v5(client_.get(), 0, nullptr) == MOSQ_ERR_SUCCESS;
}

// What the library says of a call; the connection's loss is told as Broken.
Expected<void> MosquittoSession::check(int called) {
    auto result = toResult(called);
    if (!result && result.error().code == Errc::unavailable) lost(result.error());
    return result;
}

void MosquittoSession::lost(const Error& why) {
    if (!std::exchange(over_, true)) tell(Broken{why});
    nextTurn_ = Clock::now();
}

// --- the connection -----------------------------------------------------------------------------

int MosquittoSession::socket() const { return lookingUp_ ? -1 : mosquitto_socket(client_.get()); }

bool MosquittoSession::wantsToWrite() const {
    return !lookingUp_ && mosquitto_want_write(client_.get());
}

void MosquittoSession::turn(bool readable, bool writable, std::vector<client::SessionEvent>& out) {
    if (!over_ && !lookingUp_) {
        if (readable) readAll();
        if (writable && !over_) (void)check(mosquitto_loop_write(client_.get(), 1));
        if (nextTurn_ && *nextTurn_ <= Clock::now() && !over_) {
            (void)check(mosquitto_loop_misc(client_.get()));
            // What OpenSSL has read already does not make the socket readable.
            if (!over_ && mosquitto_ssl_get(client_.get()) != nullptr) readAll();
        }
    }
    nextTurn_ = Clock::now() + kHousekeeping;
    for (auto& event : events_) out.push_back(std::move(event));
    events_.clear();
}

// The library reads a packet or two at a time and does not say whether there is more.
void MosquittoSession::readAll() {
    cork(true);
    for (int i = 0; i < kPacketsPerTurn && !over_; ++i) {
        const auto told = events_.size();
        if (!check(mosquitto_loop_read(client_.get(), 1))) break;
        if (events_.size() == told) break;
    }
    cork(false);
}

void MosquittoSession::cork(bool on) {
    if (corked_ == on) return;
    corked_ = on;
    const int value = on ? 1 : 0;
    if (const int fd = socket(); fd >= 0) {
        ::setsockopt(fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
    }
}

// --- what the library tells ---------------------------------------------------------------------

void MosquittoSession::onConnect(::mosquitto* /*client*/, void* object, int reason, int /*flags*/,
                                 const mosquitto_property* properties) {
    auto& me = self(object);
    if (reason != 0) {
        me.over_ = true;
        return me.tell(Broken{reason >= kRefused
                                  ? refusal(reason, "connect")
                                  : Error{Errc::unavailable, mosquitto_connack_string(reason)}});
    }
    std::uint16_t receiveMaximum = 65535;
    std::uint32_t maximumPacket = std::numeric_limits<std::uint32_t>::max();
    mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &receiveMaximum, false);
    mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, &maximumPacket, false);
    me.tell(Connected{receiveMaximum, maximumPacket});
}

void MosquittoSession::onDisconnect(::mosquitto* /*client*/, void* object, int reason,
                                    const mosquitto_property* /*properties*/) {
    auto& me = self(object);
    if (std::exchange(me.over_, true)) return;
    if (reason == 0) return me.tell(Disconnected{});
    me.tell(Broken{reason >= kRefused ? refusal(reason, "connection")
                                      : Error{Errc::unavailable, errorText(reason)}});
}

void MosquittoSession::onMessage(::mosquitto* /*client*/, void* object,
                                 const mosquitto_message* message,
                                 const mosquitto_property* properties) {
    self(object).tell(Arrived{fromMosquitto(*message, properties)});
}

void MosquittoSession::onPublish(::mosquitto* /*client*/, void* object, int packet, int reason,
                                 const mosquitto_property* /*properties*/) {
    auto& me = self(object);
    // QoS 0 is not among them: that is told as soon as it is sent.
    const auto found = me.published_.find(packet);
    if (found == me.published_.end()) return;
    me.tell(Published{found->second, reason});
    me.published_.erase(found);
}

void MosquittoSession::onSubscribe(::mosquitto* /*client*/, void* object, int packet, int count,
                                   const int* granted, const mosquitto_property* /*properties*/) {
    auto& me = self(object);
    const auto found = me.asked_.find(packet);
    if (found == me.asked_.end()) return;
    me.tell(Granted{found->second.id, {granted, granted + count}});
    me.asked_.erase(found);
}

// The library does not give away the reasons of an UNSUBACK.
void MosquittoSession::onUnsubscribe(::mosquitto* /*client*/, void* object, int packet,
                                     const mosquitto_property* /*properties*/) {
    auto& me = self(object);
    const auto found = me.asked_.find(packet);
    if (found == me.asked_.end()) return;
    me.tell(Granted{found->second.id, std::vector<int>(found->second.filters, 0)});
    me.asked_.erase(found);
}

}  // namespace parlor::bus::mosquitto
