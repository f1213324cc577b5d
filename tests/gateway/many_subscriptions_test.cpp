// 100,000 attached conversations and a broker that dies: how soon each is subscribed again, and
// its mailbox knows what it has missed.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <deque>
#include <iostream>

#include "bus/mqtt_bus.h"
#include "gateway/mailbox/mailbox_hub.h"
#include "tests/support/mosquitto.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::Mosquitto;

constexpr std::size_t kConversations = 100'000;

// A ledger that is never far: every conversation has one event.
class NearHistory : public HistorySource {
 public:
    void history(const SiteId&, const ConversationId& conversation, std::uint64_t after,
                 Answer answer) override {
        v1::HistoryResponse response;
        response.set_epoch(1);
        response.set_head_seq(1);
        if (after == 0) {
            v1::Event& event = *response.add_events();
            event.set_conversation(conversation.str());
            event.set_stream(v1::STREAM_SHARED);
            event.set_epoch(1);
            event.set_seq(1);
        }
        answers_.emplace_back(std::move(answer), std::move(response));
    }
    void answer() {
        while (!answers_.empty()) {
            auto [answer, response] = std::move(answers_.front());
            answers_.pop_front();
            answer(std::move(response));
        }
    }

 private:
    std::deque<std::pair<Answer, v1::HistoryResponse>> answers_;
};

class Waiting : public Reader {
 public:
    Waiting() : Reader(Cursor{1, 1}) {}
    void onPage(const PageRef&) override { ADD_FAILURE() << "there is nothing new"; }
    void onGap() override { ++gaps; }
    void onError(const Error& error) override { ADD_FAILURE() << error.text; }
    int gaps = 0;
};

class ManySubscriptionsTest : public testing::Test {
 protected:
    ManySubscriptionsTest() {
        bus.start({.onMessage = [this](bus::Message&& message) { take(message); },
                   .onState = [this](bus::State state) { hub.onState(state); }});
    }
    ~ManySubscriptionsTest() override {
        readers.clear();
        mailboxes.clear();
        bus.stop(Clock::now() + 1s);
    }
    void take(const bus::Message& message) {
        const auto topic = topics::parse(message.topic);
        if (const auto* log = std::get_if<topics::SharedLog>(&*topic)) {
            hub.onSharedLog(*log, message);
        }
    }
    // Runs the shard until `done`; false at the limit.
    bool runUntil(const std::function<bool()>& done, std::chrono::seconds limit) {
        const Time end = Clock::now() + limit;
        while (!done()) {
            if (Clock::now() >= end) return false;
            io.restart();
            io.run_for(TimerWheel::kTick);
            history.answer();
            wheel.advance();
            hub.flush();
        }
        return true;
    }
    bool allKnow() const {
        for (std::size_t i = 0; i < mailboxes.size(); ++i) {
            if (!mailboxes[i]->upToDate(*readers[i])) return false;
        }
        return true;
    }

    Mosquitto broker{{.config = "max_queued_messages 0\n"}};
    boost::asio::io_context io;
    Stats stats;
    TimerWheel wheel{&Clock::now};
    ShardBus bus{io,
                 bus::makeDrivenMosquittoBus({.servers = {broker.address()},
                                              .clientId = "gw",
                                              .backoffMin = 10ms,
                                              .backoffMax = 100ms}),
                 stats};
    NearHistory history;
    MailboxHub hub{bus, wheel, history, stats};
    std::vector<Attachment> mailboxes;
    std::vector<std::unique_ptr<Waiting>> readers;
};

TEST_F(ManySubscriptionsTest, AreThereAgainSoonAfterTheBroker) {
    ASSERT_TRUE(runUntil([&] { return bus.connected(); }, 30s));
    const SiteId site = *SiteId::parse("demo");
    for (std::size_t i = 0; i < kConversations; ++i) {
        mailboxes.push_back(hub.attach(site, ConversationId::generate()));
        readers.push_back(std::make_unique<Waiting>());
        EXPECT_EQ(mailboxes.back()->take(*readers.back()), nullptr);
        mailboxes.back()->wait(*readers.back());
    }
    ASSERT_TRUE(runUntil([&] { return allKnow(); }, 300s));

    broker.kill9();
    ASSERT_TRUE(runUntil([&] { return !bus.connected(); }, 30s));
    EXPECT_FALSE(allKnow());
    broker.start();
    const Time back = Clock::now();
    const auto since = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - back).count();
    };
    ASSERT_TRUE(runUntil([&] { return bus.connected(); }, 120s));
    const auto subscribed = since();
    ASSERT_TRUE(runUntil([&] { return allKnow(); }, 120s));
    const auto verified = since();
    std::cout << kConversations << " subscriptions restored in " << subscribed
              << " ms, mailboxes checked in " << verified << " ms\n";
    RecordProperty("subscribed_ms", static_cast<int>(subscribed));
    RecordProperty("verified_ms", static_cast<int>(verified));
}

}  // namespace
}  // namespace parlor::gateway::test
