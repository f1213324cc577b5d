// Two agents at their desktops, one of them a supervisor, and the visitor between them.

#include <gmock/gmock.h>

#include "tests/integration/headless_agent.h"
#include "tests/integration/stack.h"
#include "tests/integration/visitor.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::ElementsAre;

class TakeOverTest : public testing::Test {
 protected:
    void SetUp() override {
        alice_.expect("queued", ofVisitor());
        alice_.accept(conversation_);
        alice_.expect("assigned", ofVisitor());
        ASSERT_TRUE(eventually([&] { return types().size() == 2; }));
    }

    std::function<bool(const boost::json::object&)> ofVisitor() const {
        return [this](const auto& line) {
            return line.at("conversation").as_string() == conversation_;
        };
    }
    std::function<bool(const boost::json::object&)> event(const std::string& type) const {
        return [this, type](const auto& line) {
            return ofVisitor()(line) && line.at("type").as_string() == type;
        };
    }
    void makeSupervisor(const std::string& agent) {
        const auto profile =
            stack_.dir().write("supervisor.json", R"({"role": "ROLE_SUPERVISOR"})");
        const auto done =
            runParlor({"admin", "--data", stack_.dir().file("data"), "--bin", PARLOR_BINARY_DIR,
                       "directory", "set-agent", agent, "--file", profile});
        ASSERT_EQ(done.exitCode, 0) << done.text;
    }
    // Of what the visitor has been told so far.
    std::vector<std::string> types() {
        visitor_.poll(stack_.gateway(2), 0);
        std::vector<std::string> types;
        for (const auto& event : visitor_.events()) {
            types.emplace_back(event.at("type").as_string());
        }
        return types;
    }

    Stack stack_;
    HeadlessAgent alice_{stack_, "alice"};
    HeadlessAgent bob_{stack_, "bob"};
    Visitor visitor_{stack_.gateway(1)};
    const std::string conversation_ = visitor_.conversation();
};

TEST_F(TakeOverTest, IsToldToTheFormerHolderAndTheVisitor) {
    bob_.takeOver(conversation_);
    const auto refused = bob_.expect("command_failed", ofVisitor());
    EXPECT_EQ(refused.at("code").as_string(), "forbidden");

    makeSupervisor("bob");
    bob_.takeOver(conversation_);
    bob_.expect("assigned", ofVisitor());
    alice_.expect("released", ofVisitor());
    const auto taken = alice_.expect("event", event("transferred"));
    EXPECT_EQ(taken.at("agent").as_string(), "bob");
    EXPECT_EQ(taken.at("text").as_string(), "bob");

    ASSERT_TRUE(eventually([&] { return types().size() >= 4; }));
    EXPECT_THAT(types(), ElementsAre("opened", "assigned", "transferred", "assigned"));
    const auto& transferred = visitor_.events()[2];
    EXPECT_EQ(transferred.at("from").at("id").as_string(), "bob");
    EXPECT_EQ(transferred.at("transferred").at("from_agent").as_string(), "alice");
    EXPECT_EQ(visitor_.events()[3].at("assigned").at("agent").as_string(), "bob");

    // The one speaks from now on, and the other does no more.
    alice_.say(conversation_, "one more word");
    alice_.expect("failed", ofVisitor());
    bob_.say(conversation_, "hello, this is Bob");
    bob_.expect("sent", ofVisitor());
    ASSERT_TRUE(eventually([&] { return types().size() >= 5; }));
    EXPECT_THAT(visitor_.messages(), ElementsAre("hello, this is Bob"));
}

}  // namespace
}  // namespace parlor::test
