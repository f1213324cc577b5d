#include "bench/gateway/stand_in.h"

#include <stdexcept>

#include "proto/topics.h"

namespace parlor::bench {
namespace {

constexpr std::uint32_t kEpoch = 1;
constexpr std::chrono::hours kLogExpiry{7 * 24};
constexpr std::chrono::seconds kReplyExpiry{60};
constexpr auto kLimit = std::chrono::seconds(10);

bus::Deadline soon() { return bus::Clock::now() + kLimit; }

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

StandIn::StandIn(std::unique_ptr<bus::Bus> bus, SiteId site)
    : site_(std::move(site)), bus_(std::move(bus)) {
    // As large as the ledger's: hashes and salt are filling, because no gateway looks at them.
    event_.set_stream(v1::STREAM_SHARED);
    event_.set_epoch(kEpoch);
    event_.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event_.mutable_author()->set_id("alice");
    event_.mutable_author()->set_name("Alice");
    event_.set_request_id("01J00000000000000000000000");
    event_.set_salt(std::string(16, 's'));
    event_.set_content_hash(std::string(32, 'h'));
    event_.set_previous_hash(std::string(32, 'h'));
}

StandIn::~StandIn() { bus_->stop(bus::Clock::now()); }

void StandIn::start() {
    bus_->start({.onMessage = [this](bus::Message&& message) { onRequest(message); },
                 .onState =
                     [this](bus::State state) {
                         const std::lock_guard lock(mutex_);
                         connected_ = state == bus::State::connected;
                         changed_.notify_all();
                     }});
    bus_->subscribe({topics::filters::ledgerRpc()}, bus::Qos::atLeastOnce, nullptr, soon());
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLimit, [this] { return connected_; })) {
        throw std::runtime_error("no connection to the broker");
    }
}

std::vector<ConversationId> StandIn::open(std::size_t count) {
    std::vector<ConversationId> opened;
    opened.reserve(count);
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < count; ++i) {
        changed_.wait(lock, [this] { return waiting_ < kMaxWaiting; });
        ++waiting_;
        const auto id = ConversationId::generate();
        auto& conversation = conversations_[id];
        conversation.id = id.str();
        conversation.topic = topics::format(topics::SharedLog{site_, id});
        auto message = record(conversation, {});
        lock.unlock();
        bus_->publish(
            std::move(message),
            [this](const Expected<void>& result) {
                const std::lock_guard done(mutex_);
                --waiting_;
                if (!result) failure_ = result.error().text;
                changed_.notify_all();
            },
            soon());
        opened.push_back(id);
        lock.lock();
    }
    changed_.wait(lock, [this] { return waiting_ == 0; });
    if (!failure_.empty()) throw std::runtime_error("opening: " + failure_);
    return opened;
}

bool StandIn::publish(const ConversationId& conversation, std::string_view text) {
    // Locked until it is published: two of one conversation must not overtake each other.
    const std::lock_guard lock(mutex_);
    const auto found = conversations_.find(conversation);
    if (found == conversations_.end()) return false;
    bus_->publish(record(found->second, text), nullptr, soon());
    return true;
}

bus::Message StandIn::record(Conversation& conversation, std::string_view text) {
    auto& recorded = conversation.newest[++conversation.head % kKept];
    recorded.atMs = unixMs();
    recorded.text = text;
    fill(conversation, conversation.head);
    bus::Message message;
    message.topic = conversation.topic;
    message.payload = encode(event_);
    message.retain = true;
    message.expiry = kLogExpiry;
    return message;
}

void StandIn::fill(const Conversation& conversation, std::uint64_t seq) {
    const auto& recorded = conversation.newest[seq % kKept];
    event_.set_conversation(conversation.id);
    event_.set_seq(seq);
    event_.set_recorded_at_ms(recorded.atMs);
    event_.mutable_message()->set_text(recorded.text);
}

void StandIn::onRequest(const bus::Message& message) {
    const auto request = decode<v1::Request>(message.payload);
    if (!request || message.responseTopic.empty()) return;
    bus::Message reply;
    reply.topic = message.responseTopic;
    reply.correlationData = message.correlationData;
    reply.payload = encode(answer(*request));
    reply.expiry = kReplyExpiry;
    bus_->publish(std::move(reply), nullptr, soon());
}

v1::Response StandIn::answer(const v1::Request& request) {
    v1::Response response;
    const auto& asked = request.history();
    const auto id = ConversationId::parse(asked.conversation());
    const std::lock_guard lock(mutex_);
    const auto found = id ? conversations_.find(*id) : conversations_.end();
    if (!request.has_history() || found == conversations_.end()) {
        *response.mutable_failure() = toFailure({Errc::notFound, "no such conversation"});
        return response;
    }
    const auto& conversation = found->second;
    if (asked.after_seq() + kKept < conversation.head) {
        *response.mutable_failure() = toFailure({Errc::unavailable, "forgotten"});
        return response;
    }
    auto& history = *response.mutable_history();
    history.set_epoch(kEpoch);
    history.set_head_seq(conversation.head);
    for (auto seq = asked.after_seq() + 1; seq <= conversation.head; ++seq) {
        fill(conversation, seq);
        *history.add_events() = event_;
    }
    return response;
}

}  // namespace parlor::bench
