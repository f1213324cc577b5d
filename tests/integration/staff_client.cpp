#include "tests/integration/staff_client.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>

#include "bus/mqtt_bus.h"
#include "parlor/v1/rpc.pb.h"
#include "parlor/v1/state.pb.h"
#include "proto/topics.h"
#include "tests/integration/stack.h"

namespace parlor::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kRepeatAfter = std::chrono::seconds(3);
// It is not renewed: longer than any test.
constexpr auto kStatusLease = std::chrono::hours(1);
constexpr std::uint32_t kCapacity = 10'000;

}  // namespace

struct StaffClient::Impl {
    const SiteId site;
    const AgentId agent;
    const ClientId client;
    std::unique_ptr<bus::Bus> bus = {};
    std::mutex mutex = {};
    std::condition_variable changed = {};
    bool connected = false;                              // mutex
    std::map<std::string, v1::Response> responses = {};  // mutex; by correlation data

    void take(const bus::Message& message) {
        v1::Response response;
        if (!response.ParseFromString(message.payload)) return;
        const std::lock_guard lock(mutex);
        responses[message.correlationData] = std::move(response);
        changed.notify_all();
    }
};

StaffClient::StaffClient(Stack& stack, const std::string& agent)
    : impl_(new Impl{.site = *SiteId::parse("demo"),
                     .agent = *AgentId::parse(agent),
                     .client = *ClientId::parse(agent + "-tests")}) {
    auto& me = *impl_;
    bus::MqttOptions options;
    options.servers = {"tcp://" + stack.address("broker")};
    options.clientId = "staff-" + agent;
    options.username = agent;
    options.password = stack.password(agent);
    me.bus = bus::makePahoBus(std::move(options));
    me.bus->start({.onMessage = [&me](bus::Message&& message) { me.take(message); },
                   .onState =
                       [&me](bus::State state) {
                           const std::lock_guard lock(me.mutex);
                           me.connected = state == bus::State::connected;
                           me.changed.notify_all();
                       }});
    const auto deadline = bus::Clock::now() + kPatience;
    bool ready = false;
    me.bus->subscribe(
        {topics::filters::agentReplies(me.site, me.agent, me.client)}, bus::Qos::atLeastOnce,
        [&](const Expected<void>& done) {
            const std::lock_guard lock(me.mutex);
            ready = done.has_value();
            me.changed.notify_all();
        },
        deadline);
    std::unique_lock lock(me.mutex);
    if (!me.changed.wait_until(lock, deadline, [&] { return ready && me.connected; })) {
        throw std::runtime_error(agent + " cannot sign in");
    }
    v1::AgentStatus status;
    status.set_state(v1::AgentStatus::STATE_ONLINE);
    status.set_name(agent);
    status.set_capacity(kCapacity);
    me.bus->publish({.topic = topics::format(topics::Status{me.site, me.agent}),
                     .payload = status.SerializeAsString(),
                     .retain = true,
                     .expiry = kStatusLease},
                    nullptr, deadline);
}

StaffClient::~StaffClient() { impl_->bus->stop(bus::Clock::now() + std::chrono::seconds(1)); }

std::uint64_t StaffClient::accept(const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_accept();
    return record(conversation, std::move(draft));
}

std::uint64_t StaffClient::say(const ConversationId& conversation, const std::string& text) {
    v1::Draft draft;
    draft.mutable_message()->set_text(text);
    return record(conversation, std::move(draft));
}

std::uint64_t StaffClient::note(const ConversationId& conversation, const std::string& text) {
    v1::Draft draft;
    draft.mutable_note()->set_text(text);
    return record(conversation, std::move(draft));
}

std::uint64_t StaffClient::record(const ConversationId& conversation, v1::Draft draft) {
    auto& me = *impl_;
    draft.set_request_id(RequestId::generate().str());
    v1::Post post;
    *post.add_drafts() = draft;
    const auto deadline = bus::Clock::now() + kPatience;
    std::unique_lock lock(me.mutex);
    while (bus::Clock::now() < deadline) {
        lock.unlock();
        me.bus->publish({.topic = topics::format(topics::AgentIn{me.site, conversation, me.agent}),
                         .payload = post.SerializeAsString(),
                         .expiry = std::chrono::seconds(30),
                         .responseTopic = topics::format(
                             topics::Reply{me.site, *CallerId::parse(me.agent.str()), me.client}),
                         .correlationData = draft.request_id()},
                        nullptr, deadline);
        lock.lock();
        const auto answered = [&] { return me.responses.contains(draft.request_id()); };
        if (!me.changed.wait_for(lock, kRepeatAfter, answered)) continue;
        const auto response = me.responses.extract(draft.request_id()).mapped();
        const auto& receipt = response.post().receipts(0);
        if (receipt.has_recorded()) return receipt.recorded().seq();
        throw std::runtime_error("refused: " + receipt.failure().text());
    }
    throw std::runtime_error("no receipt");
}

}  // namespace parlor::test
