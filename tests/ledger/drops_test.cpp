// What is said of messages that are put aside.

#include "ledger/metrics/drops.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Lines final : public Poco::Channel {
 public:
    void log(const Poco::Message& message) override { texts.push_back(message.getText()); }
    std::vector<std::string> texts;
};

class DropsTest : public testing::Test {
 protected:
    DropsTest() { log_.setChannel(lines_); }
    ~DropsTest() override { Poco::Logger::destroy("drops-test"); }
    const std::vector<std::string>& lines() const { return lines_->texts; }

    const Poco::AutoPtr<Lines> lines_{new Lines};
    Poco::Logger& log_ = Poco::Logger::get("drops-test");
    Metrics metrics_;
};

TEST_F(DropsTest, ReasonAndTopicAreWrittenOnceForEachReason) {
    Drops drops(metrics_, log_, std::chrono::hours(1));
    for (int i = 0; i < 3; ++i) drops.add(Drop::garbage, "parlor/shop/rpc/history/alice");
    drops.add(Drop::responseTopic, "parlor/shop/rpc/open/gateway");
    EXPECT_THAT(
        lines(),
        ElementsAre(
            R"(dropped reason=malformed topic="parlor/shop/rpc/history/alice" left_out=0)",
            R"(dropped reason=response_topic topic="parlor/shop/rpc/open/gateway" left_out=0)"));
    EXPECT_EQ(metrics_.droppedSoFar(Drop::garbage), 3);
}

TEST_F(DropsTest, ATraceIsNamed) {
    Drops drops(metrics_, log_, std::chrono::hours(1));
    drops.add(Drop::garbage, "parlor/shop/x",
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    EXPECT_THAT(lines(), ElementsAre(R"(dropped reason=malformed topic="parlor/shop/x" )"
                                     "left_out=0 trace=0af7651916cd43dd8448eb211c80319c"));
}

TEST_F(DropsTest, TheNextLineSaysHowManyHadNone) {
    Drops drops(metrics_, log_, std::chrono::milliseconds(20));
    int added = 0;
    EXPECT_TRUE(eventually([&] {
        drops.add(Drop::garbage, "parlor/shop/x");
        ++added;
        return lines().size() == 2;
    }));
    EXPECT_THAT(lines().back(), HasSubstr("left_out=" + std::to_string(added - 2)));
}

TEST_F(DropsTest, ATopicCannotForgeALine) {
    Drops drops(metrics_, log_, std::chrono::hours(1));
    drops.add(Drop::topic, "parlor/\"\nlevel=Fatal\x1b[2J" + std::string(60'000, 'x'));
    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(lines().front(), HasSubstr(R"(topic="parlor/??level=Fatal?[2Jxxx)"));
    EXPECT_THAT(lines().front(), Not(HasSubstr("\n")));
    EXPECT_LT(lines().front().size(), 300U);
}

}  // namespace
}  // namespace parlor::ledger::test
