#include "tests/gateway/support/edge_test.h"

#include "tests/gateway/support/driven.h"

namespace parlor::gateway::test {

EdgeTest::~EdgeTest() { app.reset(); }

Config EdgeTest::config() {
    Config config;
    config.listen = {asio::ip::address_v4::loopback(), 0};
    config.shards = 1;
    config.replica = "gw";
    config.edge.sites[*SiteId::parse("demo")].anyOrigin = true;
    config.tokenKeys = std::vector<TokenKey>{{"k1", std::string(32, 'k')}};
    config.tokenLifetime = std::chrono::hours(24);
    config.drain = std::chrono::seconds(5);
    return config;
}

void EdgeTest::start(Config config) {
    app.reset();
    buses.clear();
    lines.clear();
    app = std::make_unique<App>(
        std::move(config),
        [this](const ClientId& client) {
            auto bus = std::make_unique<CuttableBus>(broker, client.str());
            buses.push_back(bus.get());
            return makeDriven(std::move(bus));
        },
        [this](const std::string& line) {
            const std::lock_guard lock(mutex);
            lines += line + "\n";
        });
    app->start();
    ASSERT_TRUE(parlor::test::eventually([this] { return app->notReady().empty(); }));
}

std::string EdgeTest::logged() {
    const std::lock_guard lock(mutex);
    return lines;
}

Opened EdgeTest::open() {
    const Answer answer =
        http({.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
    EXPECT_EQ(answer.status, 201) << answer.body;
    const auto body = answer.json();
    return {*ConversationId::parse(std::string(body.at("conversation").as_string())),
            std::string(body.at("token").as_string()), std::string(body.at("cursor").as_string())};
}

std::string EdgeTest::messageBody(const std::string& text, const RequestId& id) {
    return boost::json::serialize(boost::json::object{
        {"request_id", id.str()}, {"message", boost::json::object{{"text", text}}}});
}

Answer EdgeTest::post(const Opened& opened, const std::string& text, const RequestId& id) {
    return http({.method = "POST",
                 .target = opened.events(),
                 .token = opened.token,
                 .body = messageBody(text, id)});
}

void EdgeTest::cutBroker() {
    for (CuttableBus* bus : buses) bus->cut();
    ASSERT_TRUE(parlor::test::eventually([this] { return !app->notReady().empty(); }));
}

void EdgeTest::restoreBroker() {
    for (CuttableBus* bus : buses) bus->restore();
    ASSERT_TRUE(parlor::test::eventually([this] { return app->notReady().empty(); }));
}

bool EdgeTest::parked(Transport transport, std::int64_t count) {
    return parlor::test::eventually([&] {
        std::int64_t sum = 0;
        for (const Stats* stats : app->stats()) {
            sum += stats->parked[static_cast<std::size_t>(transport)].value();
        }
        return sum == count;
    });
}

std::uint64_t EdgeTest::counted(const std::function<const Counter&(const Stats&)>& of) {
    std::uint64_t sum = 0;
    for (const Stats* stats : app->stats()) sum += of(*stats).value();
    return sum;
}

std::uint64_t EdgeTest::ended(Closing reason) {
    return counted([reason](const Stats& stats) -> const Counter& {
        return stats.closings[static_cast<std::size_t>(reason)];
    });
}

std::int64_t EdgeTest::connections() {
    std::int64_t sum = 0;
    for (const Stats* stats : app->stats()) sum += stats->connections.value();
    return sum;
}

std::uint64_t EdgeTest::sayUntilOneIsStuck(const Opened& opened, Transport transport,
                                           const std::function<void(std::uint64_t)>& quickReads) {
    constexpr std::uint64_t kMost = 4000;  // more than any kernel keeps for one connection
    constexpr std::uint64_t kStuck = 20;   // messages in a row that only the quick one was given
    const std::string text(8000, 'x');
    const auto delivered = [&] {
        return counted([transport](const Stats& stats) -> const Counter& {
            return stats.deliveries[static_cast<std::size_t>(transport)];
        });
    };
    std::uint64_t seq = ledger.events(opened.conversation).size();
    const auto say = [&] {
        ledger.say(opened.conversation, text);
        quickReads(++seq);
    };
    std::uint64_t alone = 0;
    while (alone < kStuck && seq < kMost) {
        const auto before = delivered();
        say();
        alone = delivered() - before == 1 ? alone + 1 : 0;
    }
    EXPECT_EQ(alone, kStuck);
    for (std::size_t i = 0; i < 2 * EventRing::kMaxEvents; ++i) say();
    return seq;
}

void EdgeTest::expectProblem(const Answer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_FALSE(answer.header("x-request-id").empty());
    if (answer.body.empty()) return;
    const auto body = answer.json();
    EXPECT_EQ(body.at("status").as_int64(), status);
    EXPECT_EQ(body.at("code").as_string(), code);
    EXPECT_EQ(body.at("type").as_string(), "about:blank");
    EXPECT_FALSE(body.at("title").as_string().empty());
    EXPECT_FALSE(body.at("detail").as_string().empty());
    const bool later = status == 503 || status == 429;
    EXPECT_EQ(answer.headers.contains("retry-after"), later);
    ASSERT_EQ(body.contains("retry_after_ms"), later);
    if (!later) return;
    EXPECT_EQ(std::to_string(body.at("retry_after_ms").as_int64()),
              answer.header("retry-after") + "000");
}

}  // namespace parlor::gateway::test
