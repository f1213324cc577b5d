#include "bench/ledger/posters.h"

#include "proto/codec.h"

namespace parlor::bench {

Posters::Posters(bus::MemoryBroker& broker, const PostingLoad& load)
    : load_(load), bus_(broker.makeClient("bench")) {}

Posters::~Posters() { bus_->stop(Clock::now() + std::chrono::seconds(5)); }

void Posters::start() {
    bus_->start({.onMessage = [this](bus::Message&& message) { onReply(message); }, .onState = {}});
    bus_->subscribe({topics::filters::gatewayReplies(client_)}, bus::Qos::atLeastOnce, {},
                    Clock::now() + std::chrono::seconds(5));
    for (int i = 0; i < load_.conversations; ++i) {
        conversations_.push_back(ConversationId::generate());
        open(conversations_.back());
    }
}

void Posters::run() {
    running_ = true;
    for (int i = 0; i < load_.inFlight; ++i) {
        post(static_cast<std::size_t>(i % load_.conversations));
    }
}

void Posters::open(const ConversationId& conversation) {
    v1::Request request;
    request.mutable_open()->set_conversation(conversation.str());
    request.mutable_open()->set_request_id(Ulid::generate().str());
    send(topics::Rpc{site_, topics::Method::open, *CallerId::parse("gateway")}, encode(request),
         "open");
}

void Posters::post(std::size_t index) {
    v1::Post post;
    for (int i = 0; i < load_.draftsPerPost; ++i) {
        auto& draft = *post.add_drafts();
        draft.set_request_id(Ulid::generate().str());
        draft.mutable_message()->set_text(
            std::string(static_cast<std::size_t>(load_.textBytes), 'x'));
    }
    underWay_.fetch_add(1);
    const auto now = Clock::now().time_since_epoch().count();
    send(topics::VisitorIn{site_, conversations_[index]}, encode(post),
         std::to_string(index) + ":" + std::to_string(now));
}

void Posters::send(const topics::Topic& topic, std::string payload, std::string correlation) {
    bus::Message message;
    message.topic = topics::format(topic);
    message.payload = std::move(payload);
    message.responseTopic =
        topics::format(topics::Reply{site_, *CallerId::parse("gateway"), client_});
    message.correlationData = std::move(correlation);
    bus_->publish(std::move(message), {}, Clock::now() + std::chrono::seconds(10));
}

void Posters::onReply(const bus::Message& message) {
    const auto answers = decodeReply(message.correlationData, message.payload);
    if (!answers) {
        failed_.fetch_add(1);
        return;
    }
    for (const auto& answer : *answers) onAnswer(answer);
}

void Posters::onAnswer(const v1::Answer& answer) {
    if (answer.correlation() == "open") {
        opened_.fetch_add(1);
        return;
    }
    const auto colon = answer.correlation().find(':');
    const auto index = std::stoul(answer.correlation().substr(0, colon));
    const Clock::duration sent(std::stoll(answer.correlation().substr(colon + 1)));
    latencies_.add(Clock::now().time_since_epoch() - sent);
    for (const auto& receipt : answer.response().post().receipts()) {
        (receipt.has_recorded() ? recorded_ : failed_).fetch_add(1);
    }
    if (running_) post(index);
    underWay_.fetch_sub(1);
}

}  // namespace parlor::bench
