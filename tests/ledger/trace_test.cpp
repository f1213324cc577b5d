// What the ledger does with a post's traceparent.

#include "proto/trace.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/fault_store.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kId = "0af7651916cd43dd8448eb211c80319c";
const std::string kNotSampled = std::string("00-") + kId + "-b7ad6b7169203331-00";
const std::string kSampled = std::string("00-") + kId + "-b7ad6b7169203331-01";

// Thread-safe.
class Lines final : public Poco::Channel {
 public:
    void log(const Poco::Message& message) override {
        const std::scoped_lock lock(mutex_);
        text_ += message.getText() + "\n";
    }
    bool say(const std::string& text) const {
        const std::scoped_lock lock(mutex_);
        return text_.find(text) != std::string::npos;
    }

 private:
    mutable std::mutex mutex_;
    std::string text_;  // mutex_
};

class TraceTest : public testing::Test {
 protected:
    TraceTest() {
        observer_.subscribe({"parlor/+/c/+/+/log"});
        observer_.take();
    }
    ~TraceTest() override { Poco::Logger::destroy("trace-test"); }

    World::Options options() {
        World::Options made;
        made.wrapStore = [faults = faults_](Store& inner) {
            return std::make_unique<FaultStore>(inner, faults);
        };
        log_.setChannel(lines_);
        made.log = &log_;
        return made;
    }
    // Sends it, and gives the answer.
    v1::Response send(bus::Message message, const std::string& traceparent) {
        if (!traceparent.empty()) message.userProperties.emplace_back(kTraceparent, traceparent);
        gateway_.client().publish(message);
        return gateway_.answerTo(message);
    }
    v1::Receipt post(const v1::Draft& draft, const std::string& traceparent) {
        return send(gateway_.postMessage(conversation_, {draft}), traceparent).post().receipts(0);
    }
    // The user properties of the next event.
    std::vector<std::pair<std::string, std::string>> properties() {
        const auto event = observer_.await([](const bus::Message&) { return true; });
        EXPECT_TRUE(event);
        return event ? event->userProperties
                     : std::vector<std::pair<std::string, std::string>>{{"none", "came"}};
    }

    const std::shared_ptr<StoreFaults> faults_ = std::make_shared<StoreFaults>();
    const Poco::AutoPtr<Lines> lines_{new Lines};
    Poco::Logger& log_ = Poco::Logger::get("trace-test");
    World world_{options()};
    Sender gateway_{world_.broker()};
    Client observer_{world_.broker(), "observer"};
    const ConversationId conversation_ = world_.open(gateway_);
};

TEST_F(TraceTest, ASampledTraceGoesOnWithTheEvent) {
    observer_.take();
    const auto draft = message("x");
    for (int i = 0; i < 2; ++i) {  // a repeated draft's event is published again
        EXPECT_TRUE(post(draft, kSampled).has_recorded());
        EXPECT_THAT(properties(), ElementsAre(Pair(kTraceparent, kSampled)));
    }
    for (const std::string& none : {std::string(), kNotSampled, std::string("nonsense-01")}) {
        EXPECT_TRUE(post(message("y"), none).has_recorded());
        EXPECT_THAT(properties(), IsEmpty()) << none;
    }
}

TEST_F(TraceTest, OfAnOpeningToo) {
    observer_.take();
    v1::Request request;
    *request.mutable_open() = openRequest();
    EXPECT_TRUE(send(gateway_.requestMessage(topics::Method::open, request), kSampled).has_open());
    EXPECT_THAT(properties(), ElementsAre(Pair(kTraceparent, kSampled)));
}

TEST_F(TraceTest, TheLogNamesItOfWhatIsRefusedOrDropped) {
    faults_->refuse(conversation_);
    EXPECT_TRUE(post(message("x"), kNotSampled).has_failure());
    EXPECT_TRUE(lines_->say("record refused conversation=" + conversation_.str() +
                            " error=\"it refuses the data\" trace=" + kId));
    auto garbage = gateway_.postMessage(conversation_, {message("x")});
    garbage.payload = "\xff";
    garbage.userProperties.emplace_back(kTraceparent, kNotSampled);
    gateway_.client().publish(garbage);
    EXPECT_TRUE(eventually([&] {
        return lines_->say("dropped reason=malformed topic=\"" + garbage.topic +
                           "\" left_out=0 trace=" + kId);
    }));
}

TEST_F(TraceTest, TheLogNamesADraftThatIsRefused) {
    const auto draft = read(99);  // there is no such event
    EXPECT_TRUE(post(draft, kNotSampled).has_failure());
    EXPECT_TRUE(lines_->say("not recorded reason=malformed conversation=" + conversation_.str() +
                            " draft=" + draft.request_id() + " left_out=0 trace=" + kId));
    auto tooLong = message(std::string(kMaxTextBytes + 1, 'x'));
    EXPECT_TRUE(post(tooLong, kNotSampled).has_failure());
    EXPECT_TRUE(lines_->say("not recorded reason=too_large conversation=" + conversation_.str() +
                            " draft=" + tooLong.request_id() + " left_out=0 trace=" + kId));
    EXPECT_FALSE(lines_->say("xxx"));
    v1::Request request;
    *request.mutable_open() = openRequest();  // which agents may not
    Sender alice(world_.broker(), kAlice);
    auto opening = alice.requestMessage(topics::Method::open, request);
    opening.userProperties.emplace_back(kTraceparent, kNotSampled);
    alice.client().publish(opening);
    EXPECT_TRUE(alice.answerTo(opening).has_failure());
    EXPECT_TRUE(lines_->say(std::string("not recorded reason=forbidden left_out=0 trace=") + kId));
}

// What names it may be anything, and so is not repeated.
TEST_F(TraceTest, NothingThatTheSenderChoseFreelyIsLogged) {
    auto draft = message("my text");
    draft.set_request_id("my secret");
    EXPECT_TRUE(post(draft, {}).has_failure());
    EXPECT_TRUE(lines_->say("not recorded reason=malformed conversation=" + conversation_.str() +
                            " left_out=0\n"));
    EXPECT_FALSE(lines_->say("my "));
}

TEST_F(TraceTest, TheLogNamesADraftThatThereIsNoRoomFor) {
    auto full = options();
    full.ledger.intake.queue.bytes = 1;
    World small(full);
    Sender gateway(small.broker());
    auto opening = openRequest();
    EXPECT_TRUE(gateway.open(opening).has_failure());
    EXPECT_TRUE(
        lines_->say("not recorded reason=overloaded conversation=" + opening.conversation() +
                    " draft=" + opening.request_id() + " left_out=0"));
}

TEST_F(TraceTest, TheLogNamesARequestThatThereIsNoRoomFor) {
    auto full = options();
    full.ledger.requests.queue = full.ledger.history.queue = 0;
    World small(full);
    Sender alice(small.broker(), kAlice);
    v1::Request search;
    search.mutable_search()->set_query("my secret");
    const auto ask = [&](topics::Method method, const v1::Request& request) {
        auto message = alice.requestMessage(method, request);
        message.userProperties.emplace_back(kTraceparent, kNotSampled);
        alice.client().publish(message);
        return alice.answerTo(message);
    };
    EXPECT_TRUE(ask(topics::Method::search, search).has_failure());
    EXPECT_TRUE(
        lines_->say("not answered reason=overloaded method=search site=shop caller=alice"
                    " left_out=0 trace=" +
                    std::string(kId)));
    v1::Request history;
    history.mutable_history()->set_conversation(conversation_.str());
    EXPECT_TRUE(ask(topics::Method::history, history).has_failure());
    EXPECT_FALSE(lines_->say("secret"));
    EXPECT_FALSE(lines_->say("method=history")) << "one line a second";
}

}  // namespace
}  // namespace parlor::ledger::test
