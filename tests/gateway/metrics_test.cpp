// /metrics after known traffic, and who is ended for what he does not do.

#include <algorithm>
#include <sstream>

#include "gateway/edge/limits.h"
#include "proto/codec.h"
#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;
using Metrics = std::map<std::string, double>;

constexpr std::string_view kPrefix = "parlor_gateway_";

class MetricsTest : public EdgeTest {
 protected:
    ~MetricsTest() override { bus_->stop(bus::Clock::now()); }
    void SetUp() override {
        EdgeTest::SetUp();
        bus_->start({.onMessage = [](bus::Message&&) {}, .onState = [](bus::State) {}});
    }

    // By name without "parlor_gateway_".
    Metrics metrics() {
        std::istringstream page(http({.target = "/metrics"}).body);
        Metrics all;
        for (std::string line; std::getline(page, line);) {
            if (!line.starts_with(kPrefix)) continue;
            const auto space = line.rfind(' ');
            all[line.substr(kPrefix.size(), space - kPrefix.size())] =
                std::stod(line.substr(space));
        }
        return all;
    }
    // Waits until each of them has that value.
    void expectMetrics(const Metrics& expected) {
        Metrics got;
        const auto holds = [&] {
            got = metrics();
            return std::all_of(expected.begin(), expected.end(), [&](const auto& one) {
                const auto found = got.find(one.first);
                return found != got.end() && found->second == one.second;
            });
        };
        if (eventually(holds)) return;
        for (const auto& [name, value] : expected) {
            ASSERT_TRUE(got.contains(name)) << name;
            EXPECT_EQ(got.at(name), value) << name;
        }
    }
    static std::string by(const char* metric, const char* label, const char* value) {
        return std::string(metric) + "{" + label + "=\"" + value + "\"}";
    }
    static std::string parkedBy(const char* value) { return by("parked", "transport", value); }
    static std::string delivered(const char* value) {
        return by("deliveries_total", "transport", value);
    }
    static std::string drops(const char* value) { return by("drops_total", "reason", value); }
    static std::string closed(const char* value) { return by("closed_total", "reason", value); }
    // Somebody on the broker says something.
    void publish(const topics::Topic& topic, std::string payload) {
        bus_->publish({.topic = topics::format(topic), .payload = std::move(payload)}, nullptr,
                      bus::Clock::now() + 5s);
    }

    const std::unique_ptr<bus::Bus> bus_ = broker.makeClient("somebody");
};

TEST_F(MetricsTest, ReadersOfEachTransport) {
    const Opened opened = open();
    const std::string base = "/v1/conversations/" + opened.conversation.str();
    const auto ask = [&](const std::string& path) {
        return formatRequest({.target = base + path, .token = opened.token});
    };
    HttpPeer polls[2] = {HttpPeer(port()), HttpPeer(port())};
    for (HttpPeer& poll : polls) poll.send(ask("/events?after=1.1&wait=20"));
    HttpPeer sse(port());
    sse.send(ask("/stream?after=1.1"));
    HttpPeer frame(port());
    frame.send(ask("/frame?after=1.1&origin=https://a.example"));
    SocketPeer socket(port(), opened.socket("1.1"));
    expectMetrics({{parkedBy("short_poll"), 0},
                   {parkedBy("long_poll"), 2},
                   {parkedBy("sse"), 1},
                   {parkedBy("frame"), 1},
                   {parkedBy("websocket"), 1},
                   {"subscriptions", 1},
                   {"connections", 6},  // and the one that asks
                   {"tokens_cached", 1}});
    const Metrics before = metrics();
    const auto since = [&](const std::string& name, double more) {
        return Metrics::value_type(name, before.at(name) + more);
    };
    ledger.say(opened.conversation, "hello");
    expectMetrics({since(delivered("long_poll"), 2), since(delivered("sse"), 1),
                   since(delivered("frame"), 1), since(delivered("websocket"), 1),
                   since(delivered("short_poll"), 0), since("delivery_seconds_count", 5),
                   since("answers_total{status=\"5xx\"}", 0), Metrics::value_type("gaps_total", 0),
                   Metrics::value_type(parkedBy("long_poll"), 0),
                   Metrics::value_type(parkedBy("sse"), 1)});
    http({.target = opened.events("?after=0"), .token = opened.token});
    expectMetrics({since(delivered("short_poll"), 1), since(delivered("long_poll"), 2)});
    socket.cut();
    sse.close();
    expectMetrics({{parkedBy("sse"), 0}, {parkedBy("websocket"), 0}, {parkedBy("frame"), 1}});
}

TEST_F(MetricsTest, AShortPollThatWaitsForItsMailbox) {
    const Opened opened = open();
    post(opened, "x");
    start();
    ledger.setSilent(true);
    HttpPeer poll(port());
    poll.send(formatRequest({.target = opened.events("?after=0"), .token = opened.token}));
    expectMetrics({{parkedBy("short_poll"), 1}, {"histories_total", 1}, {"subscriptions", 1}});
    EXPECT_EQ(poll.receive().json().at("gap").as_bool(), true);
    expectMetrics({{parkedBy("short_poll"), 0}, {delivered("short_poll"), 0}});
}

TEST_F(MetricsTest, PostsAndTheirReceipts) {
    const Opened opened = open();
    ledger.setSilent(true);
    for (int i = 0; i < 3; ++i) {
        const Answer answer = http({.method = "POST",
                                    .target = opened.events(),
                                    .token = opened.token,
                                    .body = messageBody("x"),
                                    .headers = {{"Prefer", "respond-async"}}});
        EXPECT_EQ(answer.status, 202);
    }
    expectMetrics({{"posts_total", 3}, {"receipts_pending", 3}, {"post_retries_total", 1}});
    ledger.setSilent(false);
    expectMetrics({{"posts_total", 3}, {"receipts_pending", 0}});
}

TEST_F(MetricsTest, DropsByReason) {
    const Opened opened = open();
    SocketPeer reader(port(), opened.socket("1.1"));
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    const SiteId site = *SiteId::parse("demo");
    const topics::Topic log = topics::SharedLog{site, opened.conversation};
    ledger.say(opened.conversation, "hello");
    ASSERT_TRUE(reader.receive());
    const Metrics none = {{drops("malformed"), 0},
                          {drops("unknown"), 0},
                          {drops("duplicate"), 0},
                          {drops("stale_epoch"), 0},
                          {drops("live_overflow"), 0}};
    expectMetrics(none);

    publish(log, "\xff\xff");
    publish(log, "\xff\xff");
    v1::Event event = ledger.events(opened.conversation).back();
    for (int i = 0; i < 3; ++i) publish(log, encode(event));
    v1::Response nobodyAsked;
    nobodyAsked.mutable_post();
    bus_->publish({.topic = topics::format(topics::Reply{site, *CallerId::parse(kGatewayCaller),
                                                         *ClientId::parse("gw.0")}),
                   .payload = encode(nobodyAsked),
                   .correlationData = "0123456789abcdef"},
                  nullptr, bus::Clock::now() + 5s);
    expectMetrics({{drops("malformed"), 2},
                   {drops("unknown"), 1},
                   {drops("duplicate"), 3},
                   {drops("stale_epoch"), 0},
                   {drops("live_overflow"), 0}});

    event.set_epoch(2);
    publish(log, encode(event));
    expectMetrics({{drops("duplicate"), 3}, {drops("stale_epoch"), 1}});
}

// More parties are typing than are kept for one who does not read.
TEST_F(MetricsTest, LiveSignalsThatASlowReaderMisses) {
    constexpr std::size_t kTooMany = 5;
    const Opened opened = open();
    SocketPeer slow(port(), opened.socket(), "parlor.v1.json", "", kSmallBuffer);
    SocketPeer quick(port(), opened.socket());
    const auto readOne = [&](std::string_view type) {
        for (auto text = quick.receive(); text; text = quick.receive()) {
            if (boost::json::parse(*text).at("type").as_string() == type) return;
        }
        ADD_FAILURE() << "the quick one was left out";
    };
    readOne("events");
    sayUntilOneIsStuck(opened, Transport::webSocket, [&](std::uint64_t) { readOne("events"); });
    expectMetrics({{drops("live_overflow"), 0}});
    for (std::size_t i = 0; i < limits::kLiveQueued + kTooMany; ++i) {
        v1::Live live;
        live.mutable_typing()->set_active(true);
        ledger.live(opened.conversation, live, "agent" + std::to_string(i));
        readOne("live");
    }
    expectMetrics({{drops("live_overflow"), kTooMany}, {parkedBy("websocket"), 2}});
    // The oldest are gone, the newest are there.
    std::string first;
    while (!first.starts_with(R"({"type":"live")")) {
        const auto text = slow.receive();
        ASSERT_TRUE(text);
        first = *text;
    }
    EXPECT_NE(first.find("\"agent" + std::to_string(kTooMany) + "\""), std::string::npos) << first;
}

TEST_F(MetricsTest, TranscriptsByStep) {
    const Opened opened = open();
    const auto step = [](const char* name) { return by("transcripts_total", "step", name); };
    const auto ask = [&] {
        return http({.method = "POST",
                     .target = "/v1/conversations/" + opened.conversation.str() + "/transcript",
                     .token = opened.token,
                     .body = "{}"});
    };
    const auto get = [&](const std::string& target) {
        return http({.target = target, .token = opened.token}).status;
    };
    expectMetrics({{step("asked"), 0}, {step("delivered"), 0}, {step("failed"), 0}});
    const std::string target = ask().header("location");
    EXPECT_EQ(get(target + "/result"), 404);  // not yet
    expectMetrics({{step("asked"), 1}, {step("delivered"), 0}, {step("failed"), 0}});
    v1::JobResponse job;
    job.set_state(v1::JobResponse::STATE_DONE);
    job.set_content_type("text/plain; charset=utf-8");
    ledger.setTranscript(job, {"hello"});
    EXPECT_EQ(get(target), 200);
    EXPECT_EQ(get(target + "/result"), 200);
    expectMetrics({{step("asked"), 1}, {step("delivered"), 1}, {step("failed"), 0}});
    job.set_content_type("text/javascript");
    ledger.setTranscript(job, {"alert(1)"});
    EXPECT_EQ(get(target + "/result"), 500);
    expectMetrics({{step("delivered"), 1}, {step("failed"), 1}});
    job.set_state(v1::JobResponse::STATE_FAILED);
    *job.mutable_failure() = toFailure({Errc::tooLarge, "the conversation is too long"});
    ledger.setTranscript(job);
    EXPECT_EQ(get(target), 200);
    expectMetrics({{step("delivered"), 1}, {step("failed"), 2}});
    ledger.setFailure(Error{Errc::notFound, "no such conversation"});
    EXPECT_EQ(ask().status, 404);
    expectMetrics({{step("asked"), 1}, {step("delivered"), 1}, {step("failed"), 3}});
}

TEST_F(MetricsTest, RefusalsAndAnswers) {
    const Opened opened = open();
    const Metrics before = metrics();
    const auto since = [&](const std::string& name, double more) {
        return Metrics::value_type(name, before.at(name) + more);
    };
    http({.target = opened.events(), .token = "wrong"});
    http({.target = "/nothing"});
    http({.target = opened.events("?after=1.1&wait=1"), .token = opened.token});
    const Metrics after = metrics();
    for (const auto& [name, value] :
         {since("requests_total", 4), since("answers_total{status=\"4xx\"}", 2),
          since("answers_total{status=\"2xx\"}", 2), since("tokens_refused_total", 1),
          since("rate_limited_total", 0), since("connections_refused_total", 0)}) {
        EXPECT_EQ(after.at(name), value) << name;
    }
}

// A script's WebSocket whose browser is gone from the network: no pong, and nothing else.
TEST_F(MetricsTest, ASocketThatDoesNotAnswerPings) {
    const Opened opened = open();
    SocketPeer deaf(port(), opened.socket("1.1"));
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    expectMetrics({{closed("no_pong"), 0}});
    ASSERT_TRUE(eventually([this] { return ended(Closing::noPong) == 1; },
                           limits::kSocketIdle + limits::kSocketPing));
    EXPECT_EQ(deaf.closeCode(), 4003);
    expectMetrics({{closed("no_pong"), 1},
                   {closed("idle"), 0},
                   {closed("queue_full"), 0},
                   {closed("write_deadline"), 0},
                   {parkedBy("websocket"), 0}});
}

}  // namespace
}  // namespace parlor::gateway::test
