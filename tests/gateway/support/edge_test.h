#pragma once

#include <gtest/gtest.h>

#include <mutex>

#include "gateway/app.h"
#include "tests/gateway/support/auto_ledger.h"
#include "tests/gateway/support/cuttable_bus.h"
#include "tests/gateway/support/http_peer.h"
#include "tests/support/eventually.h"

namespace parlor::gateway::test {

struct Opened {
    ConversationId conversation;
    std::string token;
    std::string cursor;

    std::string events(const std::string& query = "") const {
        return "/v1/conversations/" + conversation.str() + "/events" + query;
    }
    std::string socket(const std::string& after = "0") const {
        return "/v1/conversations/" + conversation.str() + "/socket?after=" + after +
               "&access_token=" + token;
    }
};

// A whole gateway on a free port, on a MemoryBroker with a ledger that answers.
class EdgeTest : public testing::Test {
 public:
    static Config config();

 protected:
    // Of a reader that does not read, so that it takes few messages to fill it.
    static constexpr int kSmallBuffer = 4096;

    EdgeTest() = default;
    ~EdgeTest() override;

    void SetUp() override { start(); }
    // With other settings than config()'s; ends the one that runs.
    void start(Config config = EdgeTest::config());

    std::uint16_t port() const { return app->endpoint().port(); }
    Answer http(const Ask& ask, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        return test::http(port(), ask, limit);
    }
    Opened open();
    Answer post(const Opened& opened, const std::string& text,
                const RequestId& id = RequestId::generate());
    static std::string messageBody(const std::string& text,
                                   const RequestId& id = RequestId::generate());
    void cutBroker();
    void restoreBroker();
    // Waits until so many readers of that transport are parked.
    [[nodiscard]] bool parked(Transport transport, std::int64_t count);
    std::uint64_t counted(const std::function<const Counter&(const Stats&)>& of);
    // How many connections the gateway has ended for that.
    std::uint64_t ended(Closing reason);
    std::int64_t connections();
    // Two readers of one conversation on `transport`, one of which does not read: says messages, of
    // which `quickReads` takes each up to that seq, until nothing more goes to the other one and it
    // is behind the ring besides. Gives the last seq.
    std::uint64_t sayUntilOneIsStuck(const Opened& opened, Transport transport,
                                     const std::function<void(std::uint64_t)>& quickReads);
    static void expectProblem(const Answer& answer, int status, const std::string& code);

    // What has been logged since the gateway was started, a line each.
    std::string logged();

    bus::MemoryBroker broker;
    AutoLedger ledger{broker};
    std::vector<CuttableBus*> buses;  // owned by the app's shards
    std::mutex mutex;
    std::string lines;  // guarded by mutex
    std::unique_ptr<App> app;
};

}  // namespace parlor::gateway::test
