#include "admin/dynsec.h"

#include <gmock/gmock.h>

#include "tests/admin/fake_plugin.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

bus::Deadline in(milliseconds time) { return bus::Clock::now() + time; }
constexpr milliseconds kLong{5000};

class DynsecTest : public testing::Test {
 protected:
    // Connected to a plugin that answers like this.
    std::unique_ptr<Dynsec> connected(FakePlugin::Answer answer) {
        plugin_ = std::make_unique<FakePlugin>(broker_, std::move(answer));
        auto dynsec = std::make_unique<Dynsec>(broker_.makeClient("admin"));
        EXPECT_TRUE(dynsec->connect(in(kLong)));
        return dynsec;
    }

    bus::MemoryBroker broker_;
    std::unique_ptr<FakePlugin> plugin_;
};

TEST_F(DynsecTest, OneBatchGoesOutAndItsResultsComeBackInOrder) {
    const auto dynsec = connected([](const auto& commands) {
        auto text = FakePlugin::responses(
            commands,
            {{{"data", json::object{{"n", 1}}}}, {{"error", "Client already exists"}}, {}});
        return std::vector{text};
    });
    const auto results =
        dynsec->call({{{"command", "a"}}, {{"command", "b"}}, {{"command", "c"}}}, in(kLong));
    ASSERT_TRUE(results);
    ASSERT_EQ(results->size(), 3U);
    EXPECT_EQ((*results)[0]->at("n"), 1);
    EXPECT_EQ((*results)[1].error().code, Errc::conflict);
    EXPECT_EQ((*results)[1].error().text, "b: Client already exists");
    EXPECT_TRUE((*results)[2]->empty());
    EXPECT_EQ(plugin_->asked().size(), 1U);
}

TEST_F(DynsecTest, ErrorsOfThePluginAreTold) {
    const auto dynsec = connected([](const auto& commands) {
        return std::vector{FakePlugin::responses(
            commands,
            {{{"error", "Role not found"}}, {{"error", "Internal error"}}, {{"error", 7}}})};
    });
    const auto results =
        dynsec->call({{{"command", "a"}}, {{"command", "b"}}, {{"command", "c"}}}, in(kLong));
    ASSERT_TRUE(results);
    EXPECT_EQ((*results)[0].error().code, Errc::notFound);
    EXPECT_EQ((*results)[1].error().code, Errc::internal);
    EXPECT_EQ((*results)[2].error().code, Errc::internal);
    const auto all = dynsec->callAll({{{"command", "a"}}, {{"command", "b"}}}, in(kLong));
    EXPECT_EQ(all.error().code, Errc::notFound);
}

TEST_F(DynsecTest, StrangeAnswersAreNotTakenForResults) {
    const auto dynsec = connected([](const auto& commands) {
        return std::vector<std::string>{
            "",
            "{",
            "[]",
            "{}",
            R"({"responses":7})",
            R"({"responses":[7,{}]})",
            R"({"responses":[{"command":"a","correlationData":"another's"}]})",
            R"({"responses":[{"command":"a","error":"Payload not valid JSON"}]})",
            FakePlugin::responses(commands, {{{"data", json::object{{"n", 2}}}}})};
    });
    const auto results = dynsec->call({{{"command", "a"}}}, in(kLong));
    ASSERT_TRUE(results);
    EXPECT_EQ((*results)[0]->at("n"), 2);
}

TEST_F(DynsecTest, ResultsMayComeInPieces) {
    const auto dynsec = connected([](const auto& commands) {
        std::vector<std::string> pieces;
        for (const auto& command : commands) {
            pieces.push_back(FakePlugin::responses({command}, {}));
        }
        std::reverse(pieces.begin(), pieces.end());
        return pieces;
    });
    EXPECT_TRUE(dynsec->callAll({{{"command", "a"}}, {{"command", "b"}}}, in(kLong)));
}

TEST_F(DynsecTest, WithoutAnAnswerTheDeadlineHolds) {
    const auto dynsec = connected([](const auto&) { return std::vector<std::string>(); });
    const auto result = dynsec->call({{{"command", "a"}}}, in(milliseconds(50)));
    EXPECT_EQ(result.error().code, Errc::deadline);
    EXPECT_THAT(result.error().text, HasSubstr("dynamic-security"));
}

TEST_F(DynsecTest, ALateAnswerIsNotTheNextOnes) {
    std::string late;
    const auto dynsec = connected([&late](const auto& commands) {
        auto text = FakePlugin::responses(
            commands, {{{"data", json::object{{"of", commands[0].at("command")}}}}});
        if (late.empty()) {
            late = text;
            return std::vector<std::string>();
        }
        return std::vector{late, text};
    });
    EXPECT_FALSE(dynsec->call({{{"command", "first"}}}, in(milliseconds(50))));
    const auto result = dynsec->call({{{"command", "second"}}}, in(kLong));
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)[0]->at("of"), "second");
}

TEST_F(DynsecTest, WithoutABrokerTheDeadlineHolds) {
    broker_.cutConnections();
    Dynsec dynsec(broker_.makeClient("admin"));
    EXPECT_EQ(dynsec.connect(in(milliseconds(50))).error().code, Errc::unavailable);
}

TEST_F(DynsecTest, NothingToDoAsksNothing) {
    const auto dynsec = connected([](const auto&) { return std::vector<std::string>(); });
    EXPECT_TRUE(dynsec->callAll({}, in(milliseconds(50))));
    EXPECT_TRUE(plugin_->asked().empty());
}

}  // namespace
}  // namespace parlor::admin
