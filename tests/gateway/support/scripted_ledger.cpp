#include "tests/gateway/support/scripted_ledger.h"

#include <gtest/gtest.h>

namespace parlor::gateway::test {
namespace {

bus::Deadline soon() { return bus::Clock::now() + std::chrono::seconds(10); }

}  // namespace

v1::Event makeEvent(const ConversationId& conversation, std::uint64_t seq, std::uint32_t epoch,
                    const std::string& text) {
    v1::Event event;
    event.set_conversation(conversation.str());
    event.set_stream(v1::STREAM_SHARED);
    event.set_seq(seq);
    event.set_epoch(epoch);
    event.set_recorded_at_ms(1'795'560'000'000 + static_cast<std::int64_t>(seq));
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("alice");
    event.mutable_message()->set_text(text.empty() ? "text " + std::to_string(seq) : text);
    return event;
}

ScriptedLedger::ScriptedLedger(bus::MemoryBroker& broker)
    : broker_(broker), bus_(broker.makeClient("ledger")) {
    bus_->start({.onMessage =
                     [this](bus::Message&& message) {
                         const auto topic = topics::parse(message.topic);
                         const std::lock_guard lock(mutex_);
                         if (std::holds_alternative<topics::PresenceIn>(*topic)) {
                             presence_.push_back(std::move(message));
                         } else if (std::holds_alternative<topics::LiveIn>(*topic)) {
                             live_.push_back(std::move(message));
                         } else {
                             inbox_.push_back(std::move(message));
                         }
                     },
                 .onState = [](bus::State) {}});
    bus_->subscribe(
        {topics::filters::ledgerVisitorPosts(), topics::filters::ledgerRpc(),
         "parlor/+/c/+/in/presence", "parlor/+/c/+/in/live"},
        bus::Qos::atLeastOnce, [](const Expected<void>&) {}, soon());
    broker_.drain();
}

ScriptedLedger::~ScriptedLedger() { bus_->stop(bus::Clock::now()); }

std::optional<bus::Message> ScriptedLedger::take() {
    broker_.drain();
    const std::lock_guard lock(mutex_);
    if (inbox_.empty()) return {};
    bus::Message message = std::move(inbox_.front());
    inbox_.pop_front();
    return message;
}

bus::Message ScriptedLedger::expectPost(v1::Post* post) {
    auto message = take();
    if (!message) {
        ADD_FAILURE() << "no post was sent";
        return {};
    }
    EXPECT_TRUE(std::holds_alternative<topics::VisitorIn>(*topics::parse(message->topic)))
        << message->topic;
    EXPECT_TRUE(post->ParseFromString(message->payload));
    return *message;
}

bus::Message ScriptedLedger::expectRequest(v1::Request* request) {
    auto message = take();
    if (!message) {
        ADD_FAILURE() << "no request was sent";
        return {};
    }
    EXPECT_TRUE(std::holds_alternative<topics::Rpc>(*topics::parse(message->topic)))
        << message->topic;
    EXPECT_TRUE(request->ParseFromString(message->payload));
    return *message;
}

std::vector<bus::Message> ScriptedLedger::takePresence() {
    broker_.drain();
    const std::lock_guard lock(mutex_);
    return std::exchange(presence_, {});
}

std::vector<bus::Message> ScriptedLedger::takeLive() {
    broker_.drain();
    const std::lock_guard lock(mutex_);
    return std::exchange(live_, {});
}

void ScriptedLedger::reply(const bus::Message& to, const v1::Response& response) {
    bus_->publish({.topic = to.responseTopic,
                   .payload = encode(response),
                   .correlationData = to.correlationData},
                  nullptr, soon());
}

void ScriptedLedger::replyHistory(const bus::Message& to, std::uint32_t epoch, std::uint64_t head,
                                  const std::vector<v1::Event>& events) {
    v1::Response response;
    response.mutable_history()->set_epoch(epoch);
    response.mutable_history()->set_head_seq(head);
    for (const v1::Event& event : events) *response.mutable_history()->add_events() = event;
    reply(to, response);
}

void ScriptedLedger::replyFailure(const bus::Message& to, Errc code) {
    v1::Response response;
    *response.mutable_failure() = toFailure({code, "scripted"});
    reply(to, response);
}

void ScriptedLedger::publish(const SiteId& site, const v1::Event& event) {
    const auto conversation = *ConversationId::parse(event.conversation());
    publishRaw({.topic = topics::format(topics::SharedLog{site, conversation}),
                .payload = encode(event),
                .retain = true});
}

void ScriptedLedger::publishRaw(bus::Message message) {
    bus_->publish(std::move(message), nullptr, soon());
}

}  // namespace parlor::gateway::test
