// No replica knows anything that another one lacks: every single request of 200 visitors goes to a
// random one of three gateways, over a random transport, while gateways are killed and started.

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "parlor/v1/socket.pb.h"
#include "proto/codec.h"
#include "proto/cursor.h"
#include "tests/integration/stack.h"
#include "tests/integration/staff_client.h"
#include "tests/integration/visitor.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::ElementsAreArray;

constexpr int kGateways = 3;
constexpr int kVisitors = 200;
constexpr int kRounds = 3;  // at least, and until so many gateways have died:
constexpr int kDeaths = 6;
constexpr int kMaxRounds = 300;
constexpr auto kPatience = std::chrono::seconds(100);
constexpr auto kAttempt = std::chrono::seconds(5);

// What came is not what comes next in the record: the one thing that must not be.
struct OutOfOrder : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What a gateway says on a socket, in either subprotocol.
struct Said {
    std::optional<boost::json::object> page;
    std::string receiptOf;  // a request id
    bool recorded = false;
};

Said saidIn(const boost::json::object& frame) {
    Said said;
    if (frame.at("type") == "events") said.page = frame;
    if (frame.at("type") == "receipt") {
        said.receiptOf = std::string(frame.at("request_id").as_string());
        said.recorded = frame.contains("seq");
    }
    return said;
}

// A page as JSON has it, as far as a visitor here looks at it.
boost::json::object pageOf(const v1::EventPage& page) {
    boost::json::array events;
    for (const auto& event : page.events()) {
        boost::json::object one{{"seq", event.seq()},
                                {"type", event.has_message() ? "message" : "other"}};
        if (event.has_message()) one["message"] = {{"text", event.message().text()}};
        events.push_back(std::move(one));
    }
    boost::json::object all{{"events", std::move(events)},
                            {"cursor", Cursor{page.epoch(), page.seq()}.str()}};
    if (page.reset()) all["reset"] = true;
    return all;
}

Said saidIn(const v1::ServerFrame& frame) {
    Said said;
    if (frame.has_page()) said.page = pageOf(frame.page());
    if (frame.has_receipt()) {
        said.receiptOf = frame.receipt().request_id();
        said.recorded = frame.receipt().has_recorded();
    }
    return said;
}

// A socket that speaks one of the subprotocols.
class Talk {
 public:
    Talk(const std::string& replica, const std::string& target, bool isProto)
        : isProto_(isProto),
          socket_(replica, target, isProto ? "parlor.v1.proto" : "parlor.v1.json") {}

    std::optional<Said> receive() {
        const auto bytes = socket_.receive(kAttempt);
        if (!bytes) return std::nullopt;
        if (isProto_) return saidIn(decode<v1::ServerFrame>(*bytes).value());
        return saidIn(boost::json::parse(*bytes).as_object());
    }

    void post(const std::string& text, const std::string& id) {
        if (!isProto_) {
            return socket_.send(boost::json::serialize(
                boost::json::object{{"request_id", id}, {"message", {{"text", text}}}}));
        }
        v1::ClientFrame frame;
        frame.mutable_draft()->set_request_id(id);
        frame.mutable_draft()->mutable_message()->set_text(text);
        socket_.send(encode(frame));
    }

 private:
    const bool isProto_;
    WebSocketClient socket_;
};

// One visitor who never asks the same way twice.
class Wanderer {
 public:
    Wanderer(std::vector<std::string> replicas, std::uint64_t seed)
        : replicas_(std::move(replicas)), random_(seed) {
        retry([&] {
            visitor_.emplace(anyReplica());
            return true;
        });
    }

    ConversationId conversation() const { return *ConversationId::parse(visitor_->conversation()); }
    std::vector<std::string> messages() const { return visitor_->messages(); }
    std::vector<std::int64_t> sequence() const { return visitor_->sequence(); }

    // Until it is recorded; the same request each time.
    void post(const std::string& text) {
        const auto id = RequestId::generate().str();
        retry([&] {
            switch (dice(4)) {
                case 0:
                    return postBySocket(text, id, false);
                case 1:
                    return postBySocket(text, id, true);
                case 2:
                    return postWithoutWaiting(text, id);
                default:
                    return visitor_->post(anyReplica(), text, id).status == 201;
            }
        });
    }

    void readUntil(std::size_t messages) {
        retry([&] {
            switch (dice(6)) {
                case 0:
                    poll(0);
                    break;
                case 1:
                    poll(3);
                    break;
                case 2:
                    readStream("stream", "data: ", "");
                    break;
                case 3:
                    readStream("frame", "<script>p(", ")</script>");
                    break;
                case 4:
                    readSocket(false);
                    break;
                default:
                    readSocket(true);
                    break;
            }
            return visitor_->messages().size() >= messages;
        });
    }

 private:
    std::size_t dice(std::size_t sides) {
        return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_);
    }
    const std::string& anyReplica() { return replicas_[dice(replicas_.size())]; }

    // A replica that is being killed fails a step; another one is asked.
    template <class Step>
    void retry(Step&& attempt) {
        const bool done = eventually(
            [&] {
                try {
                    return attempt();
                } catch (const OutOfOrder&) {
                    throw;
                } catch (const std::exception& failed) {
                    last_ = failed.what();
                    return false;
                }
            },
            kPatience);
        if (!done) throw std::runtime_error("no success in time; at last: " + last_);
    }

    // Takes a page only where it goes on exactly where this visitor stands.
    void take(const boost::json::object& page) {
        auto next = static_cast<std::int64_t>(visitor_->events().size()) + 1;
        if (page.contains("reset")) throw OutOfOrder("a reset without a restored database");
        for (const auto& event : page.at("events").as_array()) {
            const auto seq = boost::json::value_to<std::int64_t>(event.at("seq"));
            if (seq != next++) {
                throw OutOfOrder("seq " + std::to_string(seq) + " after " +
                                 std::to_string(next - 2));
            }
        }
        visitor_->take(page);
    }

    std::string after(const std::string& call) {
        return visitor_->path(call + "?after=" + visitor_->cursor());
    }

    void poll(int wait) {
        auto target = after("events");
        if (wait > 0) target += "&wait=" + std::to_string(wait);
        const auto answer = http(anyReplica(), {.target = target, .token = visitor_->token()});
        if (answer.status == 200) take(answer.json());
    }

    // One page of a stream, or none where it ends before.
    void readStream(const std::string& call, const std::string& before, const std::string& behind) {
        StreamClient stream(
            anyReplica(),
            after(call) + "&origin=http://shop.example&access_token=" + visitor_->token());
        while (auto line = stream.line(kAttempt)) {
            if (!line->starts_with(before) || !line->ends_with(behind)) continue;
            line->erase(line->size() - behind.size());
            const auto frame = boost::json::parse(line->substr(before.size())).as_object();
            if (frame.at("type") == "bye") return;
            if (frame.at("type") == "events") return take(frame);
        }
    }

    Talk talk(bool isProto) {
        return {anyReplica(), after("socket") + "&access_token=" + visitor_->token(), isProto};
    }

    void readSocket(bool isProto) {
        Talk socket = talk(isProto);
        while (const auto said = socket.receive()) {
            if (said->page) return take(*said->page);
        }
    }

    bool postBySocket(const std::string& text, const std::string& id, bool isProto) {
        Talk socket = talk(isProto);
        socket.post(text, id);
        while (const auto said = socket.receive()) {
            if (said->page) take(*said->page);
            if (said->receiptOf == id) return said->recorded;
        }
        return false;
    }

    // 202 at once; what became of it, any replica knows.
    bool postWithoutWaiting(const std::string& text, const std::string& id) {
        const auto posted = visitor_->post(anyReplica(), text, id, {{"Prefer", "respond-async"}});
        if (posted.status == 201) return true;  // it is known from before
        if (posted.status != 202) return false;
        const auto outcome =
            http(anyReplica(),
                 {.target = posted.headers.at("location") + "?wait=5", .token = visitor_->token()});
        return outcome.status == 200 && outcome.json().at("status") == "recorded";
    }

    const std::vector<std::string> replicas_;
    std::mt19937_64 random_;
    std::optional<Visitor> visitor_;
    std::string last_;
};

TEST(Stateless, EveryRequestAnywhereOverAnythingWhileReplicasDie) {
    Stack stack({.gateways = kGateways});
    std::vector<std::string> replicas;
    for (int i = 1; i <= kGateways; ++i) replicas.push_back(stack.gateway(i));
    StaffClient alice(stack, "alice");

    std::atomic<int> left = kVisitors;
    std::atomic<int> killed = 0;
    std::vector<std::thread> visitors;
    for (int v = 0; v < kVisitors; ++v) {
        visitors.emplace_back([&, v] {
            try {
                Wanderer visitor(replicas, static_cast<std::uint64_t>(v));
                alice.accept(visitor.conversation());
                std::vector<std::string> said;
                for (int round = 0; round < kRounds || (killed < kDeaths && round < kMaxRounds);
                     ++round) {
                    said.push_back("question " + std::to_string(round));
                    visitor.post(said.back());
                    said.push_back("answer " + std::to_string(round));
                    alice.say(visitor.conversation(), said.back());
                    visitor.readUntil(said.size());
                }
                EXPECT_THAT(visitor.messages(), ElementsAreArray(said)) << "visitor " << v;
                EXPECT_THAT(visitor.sequence(),
                            ElementsAreArray(countTo(visitor.sequence().size())));
            } catch (const std::exception& failed) {
                ADD_FAILURE() << "visitor " << v << ": " << failed.what();
            }
            --left;
        });
    }
    while (left > 0) {
        stack.kill9("gateway-" + std::to_string(killed % kGateways + 1));
        stack.up();
        ++killed;
    }
    for (auto& visitor : visitors) visitor.join();
    EXPECT_GE(killed, kDeaths) << "nobody was disturbed";
}

}  // namespace
}  // namespace parlor::test
