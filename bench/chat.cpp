// End to end: POST at one gateway → recorded on disk → delivered to a reader parked at another, and
// to an agent on MQTT and back.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "bench/support/procfs.h"
#include "bench/support/report.h"
#include "bench/support/visitors.h"
#include "bus/mqtt_bus.h"
#include "proto/codec.h"
#include "proto/topics.h"
#include "tests/support/temp_dir.h"

namespace {

namespace asio = boost::asio;
namespace topics = parlor::topics;
using namespace parlor::bench;
using Clock = std::chrono::steady_clock;
using parlor::RequestId;

struct Options {
    std::string postGateway;
    std::string readGateway;
    std::string broker;
    std::string agent = "alice";
    std::string passwordFile;
    std::vector<std::string> processes;
    std::size_t conversations = 1000;
    std::vector<std::size_t> inFlight = {64, 256};
    int seconds = 10;
    int rate = 500;
    std::string suffix;
    std::string json;
};

// Every conversation has one reader, parked by long poll at the other gateway; what it is given is
// told to whoever measures.
class Chat {
 public:
    explicit Chat(const Options& options) : options_(options) {}

    void open() {
        conversations_ = openConversations(context_, options_.postGateway, options_.conversations);
    }

    void startReaders() {
        for (auto& conversation : conversations_) {
            asio::co_spawn(context_, read(conversation), [this](std::exception_ptr error) {
                if (error && !stopping_) ++readerErrors_;
            });
        }
        context_.restart();
        context_.run_for(std::chrono::seconds(3));  // all park
    }

    // As many messages as `inFlight` senders bring through in `seconds`. Gives messages per second:
    // confirmed to the sender and delivered to the reader.
    double saturate(std::size_t inFlight, double& cpuPer1000) {
        const auto servers = processes();
        const double cpuBefore = cpuSeconds(servers);
        const auto begin = Clock::now();
        deliveredCount_ = 0;
        sendUntil_ = begin + std::chrono::seconds(options_.seconds);
        std::size_t running = inFlight;
        for (std::size_t i = 0; i < inFlight; ++i) {
            asio::co_spawn(context_, sendInTurn(i, inFlight), [&](std::exception_ptr error) {
                if (error) ++senderErrors_;
                --running;
            });
        }
        runUntil([&] { return running == 0 && sent_.empty(); },
                 std::chrono::seconds(options_.seconds + 20));
        const double elapsed = std::chrono::duration<double>(lastDelivery_ - begin).count();
        const auto delivered = static_cast<double>(deliveredCount_);
        cpuPer1000 = (cpuSeconds(servers) - cpuBefore) / delivered * 1000;
        return delivered / elapsed;
    }

    // Open loop: each message is due at its time, whatever became of those before; latency counts
    // from when it was due.
    void paced(Latencies& delivered, Latencies& confirmed) {
        pacedFor(kWarmUpSeconds);
        delivered_ = &delivered;
        confirmed_ = &confirmed;
        pacedFor(options_.seconds);
        delivered_ = nullptr;
        confirmed_ = nullptr;
    }

    // A visitor's POST → the agent, on MQTT → its answer → the visitor's parked poll.
    void withAgent(Latencies& toAgent, Latencies& andBack);

    std::size_t lost() const { return sent_.size(); }
    std::size_t errors() const { return senderErrors_ + readerErrors_; }
    void stop() { stopping_ = true; }

 private:
    static constexpr int kWarmUpSeconds = 2;  // connections are made, not measured

    void pacedFor(int seconds) {
        const auto total = static_cast<std::size_t>(options_.rate * seconds);
        std::size_t done = 0;
        asio::co_spawn(context_, schedule(total, done), asio::detached);
        runUntil([&] { return done == total && sent_.empty(); },
                 std::chrono::seconds(seconds + 20));
    }
    std::vector<ServerProcess> processes() const {
        std::vector<ServerProcess> all;
        for (const auto& text : options_.processes) {
            for (auto& each : withDescendants(ServerProcess::parse(text))) {
                all.push_back(std::move(each));
            }
        }
        return all;
    }

    template <class Condition>
    void runUntil(Condition condition, std::chrono::seconds limit) {
        const auto end = Clock::now() + limit;
        context_.restart();
        while (!condition() && Clock::now() < end)
            context_.run_one_for(std::chrono::milliseconds(50));
    }

    asio::awaitable<void> read(Conversation& conversation) {
        Connection connection(context_.get_executor(), options_.readGateway);
        const std::string path = "/v1/conversations/" + conversation.id + "/events?wait=55&after=";
        while (!stopping_) {
            const auto response =
                co_await connection.get(path + conversation.cursor, conversation.token);
            if (response.status != 200) continue;
            const auto now = Clock::now();
            const auto body = boost::json::parse(response.body).as_object();
            conversation.cursor = std::string(body.at("cursor").as_string());
            for (const auto& event : body.at("events").as_array()) {
                if (const auto* id = event.as_object().if_contains("request_id")) {
                    onDelivered(std::string(id->as_string()), now);
                }
            }
        }
    }

    void onDelivered(const std::string& requestId, Clock::time_point now) {
        const auto found = sent_.find(requestId);
        if (found == sent_.end()) return;
        if (delivered_ != nullptr) delivered_->add(now - found->second);
        sent_.erase(found);
        ++deliveredCount_;
        lastDelivery_ = now;
    }

    asio::awaitable<bool> send(Connection& connection, const Conversation& conversation,
                               Clock::time_point due) {
        const auto id = RequestId::generate().str();
        sent_[id] = due;
        const auto response = co_await connection.post(
            "/v1/conversations/" + conversation.id + "/events", conversation.token,
            R"({"request_id":")" + id + R"(","message":{"text":")" + std::string(200, 'x') +
                "\"}}");
        if (confirmed_ != nullptr) confirmed_->add(Clock::now() - due);
        if (response.status != 201) {
            ++senderErrors_;
            sent_.erase(id);
        }
        co_return response.status == 201;
    }

    // Sender i of n has the conversations i, i + n, … to itself: one in flight per conversation.
    asio::awaitable<void> sendInTurn(std::size_t first, std::size_t step) {
        Connection connection(context_.get_executor(), options_.postGateway);
        for (std::size_t at = first; Clock::now() < sendUntil_;) {
            co_await send(connection, conversations_[at % conversations_.size()], Clock::now());
            at += step;
            if (at >= conversations_.size()) at = first;
        }
    }

    asio::awaitable<void> sendOne(std::size_t at, Clock::time_point due, std::size_t& done) {
        if (idle_.empty()) {
            idle_.push_back(
                std::make_unique<Connection>(context_.get_executor(), options_.postGateway));
        }
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        co_await send(*connection, conversations_[at % conversations_.size()], due);
        idle_.push_back(std::move(connection));
        ++done;
    }

    asio::awaitable<void> schedule(std::size_t total, std::size_t& done) {
        asio::steady_timer timer(context_);
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < total; ++i) {
            const auto due = begin + i * std::chrono::nanoseconds(1'000'000'000 / options_.rate);
            timer.expires_at(due);
            co_await timer.async_wait(asio::use_awaitable);
            asio::co_spawn(context_, sendOne(i, due, done), [this](std::exception_ptr error) {
                if (error) ++senderErrors_;
            });
        }
    }

    const Options& options_;
    asio::io_context context_{1};
    std::vector<Conversation> conversations_;
    std::unordered_map<std::string, Clock::time_point> sent_;  // not yet delivered: when it was due
    std::vector<std::unique_ptr<Connection>> idle_;
    Latencies* delivered_ = nullptr;
    Latencies* confirmed_ = nullptr;
    std::size_t deliveredCount_ = 0;
    std::size_t senderErrors_ = 0;
    std::size_t readerErrors_ = 0;
    Clock::time_point lastDelivery_;
    Clock::time_point sendUntil_;
    bool stopping_ = false;
};

// The agent's side: takes the conversations it is told to, and answers each message at once.
class Agent {
 public:
    Agent(const Options& options, asio::io_context& context)
        : site_(*parlor::SiteId::parse("demo")),
          agent_(*parlor::AgentId::parse(options.agent)),
          client_(*parlor::ClientId::parse("bench")),
          context_(context) {
        parlor::bus::MqttOptions paho;
        paho.servers = {options.broker};
        paho.clientId = options.agent + "-bench";
        paho.username = options.agent;
        std::ifstream(options.passwordFile) >> paho.password;
        bus_ = parlor::bus::makePahoBus(paho);
    }
    ~Agent() { bus_->stop(Clock::now() + std::chrono::seconds(2)); }
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // `onVisitorMessage` runs on the context's thread.
    void start(std::function<void(const parlor::v1::Event&)> onVisitorMessage) {
        onVisitorMessage_ = std::move(onVisitorMessage);
        bus_->start({.onMessage =
                         [this](parlor::bus::Message&& message) {
                             auto event = parlor::decode<parlor::v1::Event>(message.payload);
                             if (!event || !event->has_message() || message.retain) return;
                             if (event->author().kind() != parlor::v1::Party::KIND_VISITOR) return;
                             answer(*event);
                             asio::post(context_,
                                        [this, event = *event] { onVisitorMessage_(event); });
                         },
                     .onState = [](parlor::bus::State) {}});
        // One that holds for as long as any run: who says nothing loses what it has.
        parlor::v1::AgentStatus status;
        status.set_state(parlor::v1::AgentStatus::STATE_ONLINE);
        bus_->publish({.topic = topics::format(topics::Status{site_, agent_}),
                       .payload = parlor::encode(status),
                       .retain = true,
                       .expiry = std::chrono::hours(1)},
                      nullptr, Clock::now() + std::chrono::seconds(10));
    }

    void hold(const Conversation& conversation) {
        const auto id = *parlor::ConversationId::parse(conversation.id);
        bus_->subscribe({topics::format(topics::SharedLog{site_, id})},
                        parlor::bus::Qos::atLeastOnce, nullptr,
                        Clock::now() + std::chrono::seconds(10));
        parlor::v1::Draft draft;
        draft.mutable_accept();
        post(id, std::move(draft));
    }

 private:
    void answer(const parlor::v1::Event& event) {
        parlor::v1::Draft draft;
        draft.mutable_message()->set_text("re:" + event.request_id());
        post(*parlor::ConversationId::parse(event.conversation()), std::move(draft));
    }

    void post(const parlor::ConversationId& conversation, parlor::v1::Draft draft) {
        parlor::v1::Post post;
        draft.set_request_id(RequestId::generate().str());
        *post.add_drafts() = std::move(draft);
        parlor::bus::Message message;
        message.topic = topics::format(topics::AgentIn{site_, conversation, agent_});
        message.payload = parlor::encode(post);
        message.responseTopic =
            topics::format(topics::Reply{site_, *parlor::CallerId::parse(agent_.str()), client_});
        message.correlationData = "bench";
        bus_->publish(std::move(message), nullptr, Clock::now() + std::chrono::seconds(10));
    }

    const parlor::SiteId site_;
    const parlor::AgentId agent_;
    const parlor::ClientId client_;
    asio::io_context& context_;
    std::unique_ptr<parlor::bus::Bus> bus_;
    std::function<void(const parlor::v1::Event&)> onVisitorMessage_;
};

// One visitor at a time asks and waits for the answer: latency without load.
void Chat::withAgent(Latencies& toAgent, Latencies& andBack) {
    constexpr std::size_t kConversations = 20;
    constexpr std::size_t kRounds = 200;
    Clock::time_point due;
    std::string asked;
    bool answered = false;
    Agent agent(options_, context_);
    agent.start([&](const parlor::v1::Event& event) {
        // What was said before may be told again.
        if (event.request_id() == asked) toAgent.add(Clock::now() - due);
    });
    const auto count = std::min(kConversations, conversations_.size());
    for (std::size_t i = 0; i < count; ++i) agent.hold(conversations_[i]);
    runUntil([] { return false; }, std::chrono::seconds(2));  // all are accepted

    Connection poster(context_.get_executor(), options_.postGateway);
    Connection reader(context_.get_executor(), options_.readGateway);
    const auto conversation = [&]() -> asio::awaitable<void> {
        for (std::size_t round = 0; round < kRounds; ++round) {
            auto own = conversations_[round % count];
            asked = RequestId::generate().str();
            due = Clock::now();
            co_await poster.post(
                "/v1/conversations/" + own.id + "/events", own.token,
                R"({"request_id":")" + asked + R"(","message":{"text":"question"}})");
            for (bool back = false; !back;) {
                const auto response = co_await reader.get(
                    "/v1/conversations/" + own.id + "/events?wait=5&after=" + own.cursor,
                    own.token);
                if (response.status != 200) break;
                back = response.body.find("re:" + asked) != std::string::npos;
                own.cursor =
                    std::string(boost::json::parse(response.body).at("cursor").as_string());
                if (back) andBack.add(Clock::now() - due);
            }
        }
        answered = true;
    };
    asio::co_spawn(context_, conversation(), [&](std::exception_ptr error) {
        if (error) ++senderErrors_;
        answered = true;
    });
    runUntil([&] { return answered; }, std::chrono::seconds(60));
}

// How long the disk under the temporary directory takes at the same pace for what each commit asks
// of it: no message can be quicker.
Latencies syncLatencies(const Options& options) {
    constexpr std::size_t kBytes = 16 * 1024;
    constexpr std::size_t kPlaces = 256;
    const parlor::test::TempDir dir;
    const int fd = ::open(dir.file("sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::string bytes(kBytes, 'x');
    const auto write = [&](std::size_t place) {
        if (::pwrite(fd, bytes.data(), kBytes, static_cast<off_t>(place * kBytes)) < 0 ||
            ::fdatasync(fd) != 0) {
            throw std::system_error(errno, std::generic_category(), "fdatasync");
        }
    };
    for (std::size_t place = 0; place < kPlaces; ++place) write(place);
    Latencies latencies;
    auto due = Clock::now();
    for (int i = 0; i < 3 * options.rate; ++i) {
        due += std::chrono::nanoseconds(std::chrono::seconds(1)) / options.rate;
        std::this_thread::sleep_until(due);
        const auto begin = Clock::now();
        write(static_cast<std::size_t>(i) % kPlaces);
        latencies.add(Clock::now() - begin);
    }
    ::close(fd);
    return latencies;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("End-to-end rate and latency");
    app.add_option("--post-gateway", options.postGateway, "host:port that is posted to")
        ->required();
    app.add_option("--read-gateway", options.readGateway, "host:port where readers park")
        ->required();
    app.add_option("--broker", options.broker, "tcp://host:port")->required();
    app.add_option("--agent", options.agent, "the agent's account");
    app.add_option("--password-file", options.passwordFile, "its password")->required();
    app.add_option("--process", options.processes,
                   "name=PID of every server process; its children count as well");
    app.add_option("--conversations", options.conversations)->check(CLI::Range(1, 15000));
    app.add_option("--in-flight", options.inFlight)->delimiter(',');
    app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 120));
    app.add_option("--rate", options.rate, "messages per second of the paced part")
        ->check(CLI::Range(1, 20000));
    app.add_option("--suffix", options.suffix, "of all metrics' names");
    app.add_option("--json", options.json, "file for {\"metric\": value}");
    CLI11_PARSE(app, argc, argv);

    Report report(options.suffix);
    report.setLatencies("disk_sync", syncLatencies(options));
    Chat chat(options);
    chat.open();
    chat.startReaders();
    Latencies delivered;
    Latencies confirmed;
    chat.paced(delivered, confirmed);
    report.setLatencies("chat", delivered);
    report.setLatencies("chat_receipt", confirmed);
    double best = 0;
    for (const auto inFlight : options.inFlight) {
        double cpu = 0;
        const double rate = chat.saturate(inFlight, cpu);
        report.set("chat_rate_" + std::to_string(inFlight), rate, "messages/s");
        report.set("chat_cpu_per_1000_" + std::to_string(inFlight), cpu, "CPU s");
        if (rate > best) best = rate;
        if (inFlight == options.inFlight.front()) report.set("chat_cpu_per_1000", cpu, "CPU s");
    }
    report.set("chat_rate", best, "messages/s");
    Latencies toAgent;
    Latencies andBack;
    chat.withAgent(toAgent, andBack);
    report.setLatencies("agent", toAgent);
    report.setLatencies("agent_and_back", andBack);
    report.set("chat_lost", static_cast<double>(chat.lost()), "messages");
    report.set("chat_errors", static_cast<double>(chat.errors()), "");
    report.require(chat.lost() == 0, "no message is lost");
    report.require(chat.errors() == 0, "no call fails");
    report.print();
    if (!options.json.empty()) report.writeJson(options.json);
    std::fflush(nullptr);
    // Readers are parked for up to a minute more: nothing to wait for.
    std::_Exit(report.exitCode());
}
