#pragma once

// One suite for every adapter: what users of the bus may rely on, whichever it is.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/bus/test_client.h"
#include "tests/bus/worlds.h"

namespace parlor::bus::test {

class Conformance : public testing::TestWithParam<WorldKind> {
 protected:
    std::unique_ptr<TestClient> client(const std::string& id, std::optional<Message> will = {}) {
        auto made = std::make_unique<TestClient>(world_->makeClient(id, std::move(will)));
        EXPECT_TRUE(made->connects()) << id;
        return made;
    }

    const std::unique_ptr<World> world_ = makeWorld(GetParam());
};

}  // namespace parlor::bus::test
