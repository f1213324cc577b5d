#include "tests/gateway/support/core_test.h"

#include <boost/json.hpp>

#include "tests/gateway/support/driven.h"

namespace parlor::gateway::test {
namespace {

std::unique_ptr<bus::DrivenBus> make(bus::MemoryBroker& broker, CuttableBus*& made) {
    auto bus = std::make_unique<CuttableBus>(broker, "gw.0");
    made = bus.get();
    return makeDriven(std::move(bus));
}

}  // namespace

std::string describe(const Page& page) {
    const auto object = boost::json::parse(page.object).as_object();
    std::string text = object.contains("reset") ? "reset " : "";
    for (const auto& event : object.at("events").as_array()) {
        if (!text.empty() && text.back() != ' ') text += ',';
        text += std::to_string(event.at("seq").to_number<int>());
    }
    EXPECT_EQ(object.at("cursor").as_string(), page.cursor.str());
    return text;
}

void TestReader::onPage(const PageRef& page) {
    lastPage = page;
    told.push_back(describe(*page));
}

CoreTest::CoreTest()
    : bus(io, make(broker, gatewayBus), stats), replies(*ClientId::parse("gw.0"), stats) {
    bus.start({.onMessage =
                   [this](bus::Message&& message) {
                       const auto topic = topics::parse(message.topic);
                       if (const auto* log = std::get_if<topics::SharedLog>(&*topic)) {
                           hub.onSharedLog(*log, message);
                       } else if (const auto* live = std::get_if<topics::LiveOut>(&*topic)) {
                           hub.onLiveOut(*live, message);
                       } else {
                           replies.onReply(message);
                       }
                   },
               .onState =
                   [this](bus::State state) {
                       hub.onState(state);
                       if (state == bus::State::connected) posts.onReconnected();
                   }});
    bus.subscribe(
        {topics::filters::gatewayReplies(replies.self())}, [](const Expected<void>&) {},
        bus::Clock::now() + std::chrono::seconds(10));
    settle();
}

CoreTest::~CoreTest() { bus.stop(bus::Clock::now()); }

void CoreTest::settle() {
    for (int quiet = 0; quiet < 2;) {
        broker.drain();
        io.restart();
        const std::size_t handled = io.poll();
        hub.flush();
        quiet = handled == 0 ? quiet + 1 : 0;
    }
}

void CoreTest::advance(Duration duration) {
    const Time end = now + duration;
    while (now < end) {
        now = std::min(end, now + TimerWheel::kTick);
        wheel.advance();
        hub.flush();
        settle();
    }
}

void CoreTest::expectNothingMore() {
    if (const auto message = ledger.take()) ADD_FAILURE() << "unexpected: " << message->topic;
}

void CoreTest::read(Mailbox& mailbox, TestReader& reader) {
    if (const PageRef page = mailbox.take(reader)) {
        reader.onPage(page);
    } else {
        mailbox.wait(reader);
    }
}

std::vector<v1::Event> CoreTest::events(std::uint64_t first, std::uint64_t last,
                                        std::uint32_t epoch) const {
    std::vector<v1::Event> all;
    for (std::uint64_t seq = first; seq <= last; ++seq) all.push_back(event(seq, epoch));
    return all;
}

void CoreTest::publish(std::uint64_t seq, std::uint32_t epoch) {
    ledger.publish(site, event(seq, epoch));
    settle();
}

}  // namespace parlor::gateway::test
