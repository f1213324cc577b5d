#include "tests/gateway/support/auto_ledger.h"

#include <chrono>
#include <future>
#include <stdexcept>

namespace parlor::gateway::test {
namespace {

bus::Deadline soon() { return bus::Clock::now() + std::chrono::seconds(10); }

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

AutoLedger::AutoLedger(bus::MemoryBroker& broker) : AutoLedger(broker.makeClient("ledger")) {}

AutoLedger::AutoLedger(std::unique_ptr<bus::Bus> bus) : bus_(std::move(bus)) {
    bus_->start({.onMessage = [this](bus::Message&& message) { onMessage(std::move(message)); },
                 .onState = [](bus::State) {}});
    const auto listening = std::make_shared<std::promise<bool>>();
    bus_->subscribe(
        {topics::filters::ledgerVisitorPosts(), topics::filters::ledgerRpc(),
         "parlor/+/c/+/in/live", "parlor/+/c/+/in/presence"},
        bus::Qos::atLeastOnce,
        [listening](const Expected<void>& result) { listening->set_value(result.has_value()); },
        bus::Clock::now() + std::chrono::seconds(30));
    if (!listening->get_future().get()) throw std::runtime_error("the ledger cannot subscribe");
}

AutoLedger::~AutoLedger() { bus_->stop(bus::Clock::now()); }

void AutoLedger::setSilent(bool silent) {
    const std::lock_guard lock(mutex_);
    silent_ = silent;
}

void AutoLedger::setFailure(std::optional<Error> failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
}

void AutoLedger::onMessage(bus::Message&& message) {
    const auto topic = topics::parse(message.topic);
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<topics::LiveIn>(*topic)) {
        signals_.push_back(std::move(message));
        return;
    }
    if (const auto* here = std::get_if<topics::PresenceIn>(&*topic)) {
        presence_[here->conversation.str()].push_back(*decode<v1::Presence>(message.payload));
        return;
    }
    for (const auto& [name, value] : message.userProperties) {
        if (name == "traceparent") traces_.push_back(value);
    }
    const auto* post = std::get_if<topics::VisitorIn>(&*topic);
    if (post != nullptr) ++posts_;
    if (silent_) return;
    if (failure_) {
        v1::Response response;
        *response.mutable_failure() = toFailure(*failure_);
        return reply(message, response);
    }
    if (post != nullptr) {
        reply(message, record(*post, *decode<v1::Post>(message.payload)));
    } else {
        reply(message, answer(*decode<v1::Request>(message.payload)));
    }
}

v1::Response AutoLedger::answer(const v1::Request& request) {
    v1::Response response;
    if (request.has_open()) {
        const auto known = events_.find(request.open().conversation());
        if (known != events_.end()) {
            response.mutable_open()->mutable_recorded()->set_epoch(1);
            response.mutable_open()->mutable_recorded()->set_seq(1);
            return response;
        }
        v1::Event event;
        event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
        event.set_request_id(request.open().request_id());
        *event.mutable_opened()->mutable_visitor() = request.open().visitor();
        event.mutable_opened()->set_department(request.open().department());
        *response.mutable_open()->mutable_recorded() =
            append(*ConversationId::parse(request.open().conversation()), std::move(event));
    } else if (request.has_history()) {
        const auto found = events_.find(request.history().conversation());
        if (found == events_.end()) {
            *response.mutable_failure() = toFailure({Errc::notFound, "no such conversation"});
            return response;
        }
        auto& history = *response.mutable_history();
        history.set_epoch(1);
        history.set_head_seq(found->second.size());
        for (const v1::Event& event : found->second) {
            if (event.seq() > request.history().after_seq() &&
                history.events_size() < static_cast<int>(request.history().limit())) {
                *history.add_events() = event;
            }
        }
    } else if (request.has_transcript()) {
        transcripts_.push_back(request.transcript());
        jobs_.insert(request.transcript().conversation() + request.transcript().request_id());
        response.mutable_job()->set_state(v1::JobResponse::STATE_PENDING);
    } else {
        answerStatus(request.status(), *response.mutable_status());
    }
    return response;
}

void AutoLedger::answerStatus(const v1::StatusRequest& request, v1::StatusResponse& status) {
    const std::string key = request.conversation() + request.request_id();
    if (const auto receipt = receipts_.find(key); receipt != receipts_.end()) {
        *status.mutable_receipt() = receipt->second;
    } else if (jobs_.contains(key)) {
        *status.mutable_job() = job_;
        status.mutable_job()->set_parts(static_cast<std::uint32_t>(parts_.size()));
        if (request.part() < parts_.size()) {
            status.mutable_job()->set_data(parts_[request.part()]);
        }
    }
}

v1::Response AutoLedger::record(const topics::VisitorIn& topic, const v1::Post& post) {
    v1::Response response;
    response.mutable_post();
    for (const v1::Draft& draft : post.drafts()) {
        v1::Receipt& receipt = receipts_[topic.conversation.str() + draft.request_id()];
        if (receipt.request_id().empty()) {
            receipt.set_request_id(draft.request_id());
            v1::Event event;
            event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
            event.set_request_id(draft.request_id());
            if (draft.has_message()) *event.mutable_message() = draft.message();
            if (draft.has_read()) *event.mutable_read() = draft.read();
            if (draft.has_rating()) *event.mutable_rating() = draft.rating();
            if (draft.has_close()) event.mutable_closed()->set_reason(draft.close().reason());
            *receipt.mutable_recorded() = append(topic.conversation, std::move(event));
        }
        *response.mutable_post()->add_receipts() = receipt;
    }
    return response;
}

v1::Recorded AutoLedger::append(const ConversationId& conversation, v1::Event event) {
    auto& events = events_[conversation.str()];
    event.set_conversation(conversation.str());
    event.set_stream(v1::STREAM_SHARED);
    event.set_seq(events.size() + 1);
    event.set_epoch(1);
    event.set_recorded_at_ms(unixMs() - age_.count());
    events.push_back(event);
    bus::Message message{
        .topic = topics::format(topics::SharedLog{*SiteId::parse("demo"), conversation}),
        .payload = encode(event),
        .retain = true};
    if (!traceparent_.empty()) message.userProperties.emplace_back("traceparent", traceparent_);
    bus_->publish(std::move(message), nullptr, soon());
    v1::Recorded recorded;
    recorded.set_epoch(1);
    recorded.set_stream(v1::STREAM_SHARED);
    recorded.set_seq(event.seq());
    return recorded;
}

void AutoLedger::setTrace(std::string traceparent) {
    const std::lock_guard lock(mutex_);
    traceparent_ = std::move(traceparent);
}

void AutoLedger::setTranscript(const v1::JobResponse& job, std::vector<std::string> parts) {
    const std::lock_guard lock(mutex_);
    job_ = job;
    parts_ = std::move(parts);
}

std::vector<v1::TranscriptRequest> AutoLedger::takeTranscripts() {
    const std::lock_guard lock(mutex_);
    return std::exchange(transcripts_, {});
}

void AutoLedger::setAge(std::chrono::milliseconds age) {
    const std::lock_guard lock(mutex_);
    age_ = age;
}

void AutoLedger::say(const ConversationId& conversation, const std::string& text) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("alice");
    event.mutable_author()->set_name("Alice");
    event.mutable_message()->set_text(text);
    const std::lock_guard lock(mutex_);
    append(conversation, std::move(event));
}

void AutoLedger::assign(const ConversationId& conversation) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("alice");
    event.mutable_assigned()->set_agent("alice");
    const std::lock_guard lock(mutex_);
    append(conversation, std::move(event));
}

void AutoLedger::live(const ConversationId& conversation, const v1::Live& live,
                      const std::string& party) {
    bus_->publish({.topic = topics::format(topics::LiveOut{*SiteId::parse("demo"), conversation,
                                                           *PartyId::parse(party)}),
                   .payload = encode(live),
                   .qos = bus::Qos::atMostOnce},
                  nullptr, soon());
}

std::vector<v1::Event> AutoLedger::events(const ConversationId& conversation) {
    const std::lock_guard lock(mutex_);
    return events_[conversation.str()];
}

std::size_t AutoLedger::posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
}

std::vector<bus::Message> AutoLedger::takeSignals() {
    const std::lock_guard lock(mutex_);
    return std::exchange(signals_, {});
}

std::vector<v1::Presence::State> AutoLedger::presence(const ConversationId& conversation) {
    const std::lock_guard lock(mutex_);
    std::vector<v1::Presence::State> states;
    for (const v1::Presence& said : presence_[conversation.str()]) states.push_back(said.state());
    return states;
}

std::vector<std::string> AutoLedger::takeTraces() {
    const std::lock_guard lock(mutex_);
    return std::exchange(traces_, {});
}

v1::Presence AutoLedger::lastPresence(const ConversationId& conversation) {
    const std::lock_guard lock(mutex_);
    const auto& said = presence_[conversation.str()];
    return said.empty() ? v1::Presence() : said.back();
}

void AutoLedger::reply(const bus::Message& to, const v1::Response& response) {
    bus_->publish({.topic = to.responseTopic,
                   .payload = encode(response),
                   .correlationData = to.correlationData},
                  nullptr, soon());
}

}  // namespace parlor::gateway::test
