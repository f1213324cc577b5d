#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bus/bus.h"

namespace parlor::bus::test {

// A broker and the lines to it: the conformance tests run in each kind.
class World {
 public:
    virtual ~World() = default;

    virtual std::unique_ptr<Bus> makeClient(const std::string& clientId,
                                            std::optional<Message> will = {}) = 0;
    // Breaks all connections and keeps new ones from being made, until restore().
    virtual void cut() = 0;
    virtual void restore() = 0;
    // How many publications wait at most where there is no connection.
    virtual std::size_t publishQueue() const = 0;
};

enum class WorldKind { memory, paho, mosquitto };
std::string name(WorldKind kind);
std::unique_ptr<World> makeWorld(WorldKind kind);

}  // namespace parlor::bus::test
