#pragma once

// MQTT's rules for topic names and filters (MQTT 5, section 4.7), for both adapters: what a broker
// would answer by closing the connection is refused before it is sent.

#include <optional>
#include <string_view>

#include "bus/bus.h"

namespace parlor::bus {

inline constexpr std::size_t kMaxMqttString = 65535;  // bytes of any string in a packet

inline constexpr std::size_t kMaxLevels = 200;  // as Mosquitto

// A "$share/group/filter" taken apart; of any other filter the group is empty.
struct ShareParts {
    std::string_view group;
    std::string_view filter;
};

// Nothing where the filter is not valid.
std::optional<ShareParts> parseFilter(std::string_view filter);
// True for a topic that may be published to: not empty, no wildcards, proper UTF-8.
bool isTopicName(std::string_view topic);
// True for text that may stand in a packet: UTF-8 without control characters, not too long.
bool isMqttString(std::string_view text);

// The first thing that is wrong with a message or a list of filters, as Errc::malformed.
Expected<void> checkMessage(const Message& message);
Expected<void> checkFilters(const std::vector<std::string>& filters);

// Cuts the first level off `rest`; nothing when there are no more. "a//b" has an empty level.
class Levels {
 public:
    explicit Levels(std::string_view topic) : rest_(topic) {}
    std::optional<std::string_view> next() {
        if (done_) return {};
        const auto slash = rest_.find('/');
        const auto level = rest_.substr(0, slash);
        if (slash == std::string_view::npos) {
            done_ = true;
        } else {
            rest_.remove_prefix(slash + 1);
        }
        return level;
    }

 private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace parlor::bus
