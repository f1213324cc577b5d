// What is said of drafts that are not recorded.

#include "ledger/metrics/draft_log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bus/memory_bus.h"
#include "ledger/intake/recorder.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::ElementsAre;
using testing::HasSubstr;

class Lines final : public Poco::Channel {
 public:
    void log(const Poco::Message& message) override {
        texts.push_back(message.getText());
        priorities.push_back(message.getPriority());
    }
    std::vector<std::string> texts;
    std::vector<Poco::Message::Priority> priorities;
};

class NeverAsked final : public Writer {
 public:
    Expected<void> record(const Scope&, Snapshot&, const Decide&) override {
        ADD_FAILURE() << "there was nothing to be recorded";
        return {};
    }
};

class DraftLogTest : public testing::Test {
 protected:
    DraftLogTest() {
        log_.setChannel(lines_);
        log_.setLevel(Poco::Message::PRIO_INFORMATION);
    }
    ~DraftLogTest() override { Poco::Logger::destroy("draft-log-test"); }
    const std::vector<std::string>& lines() const { return lines_->texts; }

    const ConversationId conversation_ = ConversationId::generate();
    const RequestId request_ = RequestId::generate();
    const std::string ids_ = " conversation=" + conversation_.str() + " draft=" + request_.str();
    const Poco::AutoPtr<Lines> lines_{new Lines};
    Poco::Logger& log_ = Poco::Logger::get("draft-log-test");
    Metrics metrics_;
};

TEST_F(DraftLogTest, IdsAndTraceAreWrittenOnceForEachReason) {
    DraftLog log(metrics_, log_, std::chrono::hours(1));
    const DraftIds ids{conversation_, request_.str(),
                       "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"};
    for (int i = 0; i < 1000; ++i) {
        log.refused(Errc::closed, ids);
        log.dropped(Drop::overloaded, ids);
    }
    log.refused(Errc::malformed, {});
    const std::string trace = " left_out=0 trace=0af7651916cd43dd8448eb211c80319c";
    EXPECT_THAT(lines(), ElementsAre("not recorded reason=conversation_closed" + ids_ + trace,
                                     "not recorded reason=overloaded" + ids_ + trace,
                                     "not recorded reason=malformed left_out=0"));
    EXPECT_THAT(lines_->priorities,
                ElementsAre(Poco::Message::PRIO_INFORMATION, Poco::Message::PRIO_WARNING,
                            Poco::Message::PRIO_INFORMATION));
    EXPECT_EQ(metrics_.droppedSoFar(Drop::overloaded), 1000);
    EXPECT_THAT(metrics_.text(),
                HasSubstr("parlor_ledger_refused_total{reason=\"conversation_closed\"} 1000"));
}

TEST_F(DraftLogTest, TheNextLineSaysHowManyHadNone) {
    DraftLog log(metrics_, log_, std::chrono::milliseconds(20));
    int added = 0;
    EXPECT_TRUE(eventually([&] {
        log.refused(Errc::closed, {});
        ++added;
        return lines().size() == 2;
    }));
    EXPECT_THAT(lines().back(), HasSubstr("left_out=" + std::to_string(added - 2)));
}

TEST_F(DraftLogTest, ADraftThatItsSenderHasGivenUpIsNamed) {
    bus::MemoryBroker broker;
    const auto bus = broker.makeClient("ledger");
    Announcer announcer(*bus, metrics_, false, [] {});
    Directory directory;
    AgentDirectory agents;
    const Desk desk(directory, agents);
    RecordedQueue recorded(1);
    DraftLog drafts(metrics_, log_);
    SubmissionQueue queue({}, {});
    Recorder recorder({}, queue, std::make_unique<NeverAsked>(), recorded, announcer, desk,
                      metrics_, drafts, log_);
    v1::Draft draft;
    draft.set_request_id(request_.str());
    draft.mutable_message()->set_text("never to be read");
    std::vector<CheckedDraft> content{{draft, request_}};
    EXPECT_TRUE(queue.push({.site = *SiteId::parse("shop"),
                            .conversation = conversation_,
                            .agent = {},
                            .content = std::move(content),
                            .reply = {},
                            .giveUp = bus::Clock::now()}));
    recorder.start();
    queue.close();
    recorder.endAt(bus::Deadline::max());
    recorder.join();
    EXPECT_THAT(lines(), ElementsAre("not recorded reason=expired" + ids_ + " left_out=0"));
    EXPECT_EQ(metrics_.droppedSoFar(Drop::expired), 1);
}

}  // namespace
}  // namespace parlor::ledger::test
