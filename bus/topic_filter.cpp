#include "bus/topic_filter.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::bus {
namespace {

constexpr std::string_view kSharePrefix = "$share/";
constexpr std::size_t kMaxCorrelationData = 65535;

bool isControl(unsigned char first, unsigned char second) {
    const bool c0 = first < 0x20 || first == 0x7F;
    const bool c1 = first == 0xC2 && second >= 0x80 && second < 0xA0;
    return c0 || c1;
}

// Printable ASCII, as nearly every topic is.
bool isPlain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool isShallow(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '/')) < kMaxLevels;
}

bool hasWildcard(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c == '+' || c == '#'; });
}

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

}  // namespace

bool isMqttString(std::string_view text) {
    if (text.size() > kMaxMqttString) return false;
    if (isPlain(text)) return true;
    if (!isUtf8(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto second = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (isControl(static_cast<unsigned char>(text[i]), static_cast<unsigned char>(second))) {
            return false;
        }
    }
    return true;
}

bool isTopicName(std::string_view topic) {
    return !topic.empty() && !hasWildcard(topic) && isMqttString(topic) && isShallow(topic);
}

std::optional<ShareParts> parseFilter(std::string_view filter) {
    if (!isMqttString(filter) || !isShallow(filter)) return {};
    ShareParts parts{{}, filter};
    if (filter.starts_with(kSharePrefix)) {
        filter.remove_prefix(kSharePrefix.size());
        const auto slash = filter.find('/');
        if (slash == std::string_view::npos || slash == 0) return {};
        parts = {filter.substr(0, slash), filter.substr(slash + 1)};
        if (hasWildcard(parts.group)) return {};
    }
    if (parts.filter.empty()) return {};
    Levels levels(parts.filter);
    bool last = false;
    while (const auto level = levels.next()) {
        if (last) return {};  // something after '#'
        last = *level == "#";
        const bool wildcard = last || *level == "+";
        if (!wildcard && hasWildcard(*level)) return {};
    }
    return parts;
}

Expected<void> checkMessage(const Message& message) {
    if (!isTopicName(message.topic)) return malformed("not a topic to publish to");
    if (message.payload.size() > kMaxPayloadBytes) {
        return Error{Errc::tooLarge,
                     "payload of " + std::to_string(message.payload.size()) + " bytes"};
    }
    if (!message.responseTopic.empty() && !isTopicName(message.responseTopic)) {
        return malformed("response topic: not a topic");
    }
    if (message.correlationData.size() > kMaxCorrelationData) {
        return malformed("correlation data over 65535 bytes");
    }
    for (const auto& [name, value] : message.userProperties) {
        if (!isMqttString(name) || !isMqttString(value)) {
            return malformed("user property: not plain UTF-8");
        }
    }
    return {};
}

Expected<void> checkFilters(const std::vector<std::string>& filters) {
    for (const auto& filter : filters) {
        if (!parseFilter(filter)) return malformed("not a topic filter");
    }
    return {};
}

}  // namespace parlor::bus
