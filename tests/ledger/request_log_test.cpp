// What is said of requests that are not answered in time.

#include "ledger/metrics/request_log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus/memory_bus.h"
#include "ledger/announce/request_queue.h"
#include "proto/codec.h"
#include "proto/trace.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;

const std::string kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class Lines final : public Poco::Channel {
 public:
    void log(const Poco::Message& message) override { texts.push_back(message.getText()); }
    std::vector<std::string> texts;
};

class RequestLogTest : public testing::Test {
 protected:
    RequestLogTest() {
        log_.setChannel(lines_);
        log_.setLevel(Poco::Message::PRIO_WARNING);
    }
    ~RequestLogTest() override { Poco::Logger::destroy("request-log-test"); }

    const topics::Rpc topic_{*SiteId::parse("shop"), topics::Method::history,
                             *CallerId::parse("alice")};
    const ConversationId conversation_ = ConversationId::generate();
    const Poco::AutoPtr<Lines> lines_{new Lines};
    Poco::Logger& log_ = Poco::Logger::get("request-log-test");
    Metrics metrics_;
};

TEST_F(RequestLogTest, AFloodHasOneLineForEachReason) {
    RequestLog log(metrics_, log_, std::chrono::hours(1));
    for (int i = 0; i < 1000; ++i) log.dropped(Drop::overloaded, topic_, conversation_, {});
    log.dropped(Drop::expired, topic_, {}, kTrace);
    EXPECT_THAT(lines_->texts,
                ElementsAre("not answered reason=overloaded method=history site=shop caller=alice"
                            " conversation=" +
                                conversation_.str() + " left_out=0",
                            "not answered reason=expired method=history site=shop caller=alice"
                            " left_out=0 trace=0af7651916cd43dd8448eb211c80319c"));
    EXPECT_EQ(metrics_.droppedSoFar(Drop::overloaded), 1000);
}

TEST_F(RequestLogTest, ARequestThatItsCallerHasGivenUpIsNamed) {
    bus::MemoryBroker broker;
    const auto bus = broker.makeClient("ledger");
    Announcer announcer(*bus, metrics_, false, [] {});
    RequestLog requests(metrics_, log_);
    RequestQueue queue(1, announcer, metrics_, requests, std::chrono::milliseconds(-1));
    v1::Request request;
    request.mutable_history()->set_conversation(conversation_.str());
    bus::Message message{.topic = topics::format(topic_), .payload = encode(request)};
    message.responseTopic = "parlor/shop/reply/alice/desk";
    message.correlationData = "1";
    message.userProperties.emplace_back(kTraceparent, kTrace);
    EXPECT_FALSE(queue.submit(topic_, message));
    queue.stop();
    queue.serve([](const auto&) -> Expected<v1::Response> {
        ADD_FAILURE() << "nobody waits for it";
        return v1::Response();
    });
    EXPECT_THAT(
        lines_->texts,
        ElementsAre("not answered reason=expired method=history site=shop caller=alice"
                    " conversation=" +
                    conversation_.str() + " left_out=0 trace=0af7651916cd43dd8448eb211c80319c"));
    EXPECT_EQ(metrics_.droppedSoFar(Drop::expired), 1);
}

}  // namespace
}  // namespace parlor::ledger::test
