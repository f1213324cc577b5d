#pragma once

#include <gtest/gtest.h>

#include "gateway/mailbox/mailbox_hub.h"
#include "gateway/session/post_broker.h"
#include "gateway/session/rpc_client.h"
#include "tests/gateway/support/cuttable_bus.h"
#include "tests/gateway/support/scripted_ledger.h"

namespace parlor::gateway::test {

// What a reader was told, in words: "1,2,3" for a page, "reset 1,2", "gap", "error".
class TestReader : public Reader {
 public:
    explicit TestReader(Cursor cursor) : Reader(cursor) {}

    void onPage(const PageRef& page) override;
    void onGap() override { told.emplace_back("gap"); }
    void onError(const Error&) override { told.emplace_back("error"); }
    // What was told since the last call.
    std::vector<std::string> takeTold() { return std::exchange(told, {}); }

    std::vector<std::string> told;
    PageRef lastPage;
};

std::string describe(const Page& page);

// Everything of a shard below the edge, on a MemoryBroker, with the time in the test's hand.
class CoreTest : public testing::Test {
 protected:
    CoreTest();
    ~CoreTest() override;

    // Lets everything that is under way arrive.
    void settle();
    // Moves the time on, in small steps; what is due happens at its time.
    void advance(Duration duration);
    // Adds a failure where the gateway sent something that the test has not taken.
    void expectNothingMore();
    // Takes what there is, or waits.
    void read(Mailbox& mailbox, TestReader& reader);

    v1::Event event(std::uint64_t seq, std::uint32_t epoch = 1) const {
        return makeEvent(conversation, seq, epoch);
    }
    std::vector<v1::Event> events(std::uint64_t first, std::uint64_t last,
                                  std::uint32_t epoch = 1) const;
    void publish(std::uint64_t seq, std::uint32_t epoch = 1);

    const SiteId site = *SiteId::parse("demo");
    const ConversationId conversation = ConversationId::generate();
    // Ahead of the real time, against which the bus holds the deadlines it is given.
    Time now = Clock::now() + std::chrono::hours(1);
    Stats stats;
    bus::MemoryBroker broker;
    ScriptedLedger ledger{broker};
    CuttableBus* gatewayBus = nullptr;  // owned by bus
    TimerWheel wheel{[this] { return now; }};
    boost::asio::io_context io;
    ShardBus bus;
    ReplyRouter replies;
    RpcClient rpc{bus, wheel, replies, stats};
    PostBroker posts{bus, wheel, replies, stats};
    MailboxHub hub{bus, wheel, rpc, stats};
};

}  // namespace parlor::gateway::test
