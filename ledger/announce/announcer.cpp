#include "ledger/announce/announcer.h"

#include <algorithm>
#include <limits>

#include "proto/codec.h"
#include "proto/topics.h"
#include "proto/trace.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::seconds kLogExpiry{7 * 24 * 3600};
constexpr std::chrono::seconds kLiveExpiry{10};
constexpr std::chrono::seconds kPublishDeadline{20};
constexpr std::size_t kBusy = 2048;       // publications under way
constexpr std::size_t kRoomAgain = 1024;  // less than kBusy
constexpr int kMaxAnswers = 64;           // in one message

bus::Deadline deadline() { return bus::Clock::now() + kPublishDeadline; }

bus::Message retained(const topics::Topic& topic, std::string payload) {
    bus::Message message;
    message.topic = topics::format(topic);
    message.payload = std::move(payload);
    message.retain = true;
    return message;
}

}  // namespace

std::vector<AgentId> concerned(const Conversation& row) {
    std::vector<AgentId> agents = row.joined;
    if (row.state == ConversationState::assigned) agents.push_back(*row.agent);
    if (row.state == ConversationState::waiting && row.offer && !row.joinedBy(row.offer->agent)) {
        agents.push_back(row.offer->agent);
    }
    return agents;
}

bool isConcerned(const Conversation& row, const AgentId& agent) {
    return row.heldBy(agent) || row.offeredTo(agent) || row.joinedBy(agent);
}

void Announcer::publish(const ConversationId& conversation, bus::Message message) {
    pending_.fetch_add(1);
    if (replicas_) {
        const std::scoped_lock lock(mutex_);
        ++telling_[conversation].pending;
    }
    bus_.publish(
        std::move(message),
        [this, conversation](const Expected<void>& done) { published(conversation, done); },
        deadline());
}

void Announcer::published(const ConversationId& conversation, const Expected<void>& done) {
    const bool roomAgain = pending_.fetch_sub(1) - 1 == kRoomAgain && starved_.exchange(false);
    const bool settled = replicas_ && settle(conversation);
    if (!done) {
        metrics_.publishFailed();
        addMissed(std::span(&conversation, 1));
    }
    if (roomAgain || settled || !done) wake_();
}

// True where it is the first that settles.
bool Announcer::settle(const ConversationId& conversation) {
    const std::scoped_lock lock(mutex_);
    auto& telling = telling_.at(conversation);
    if (--telling.pending > 0) return false;
    telling.settledAt = bus::Clock::now();
    if (std::exchange(telling.queued, true)) return false;
    settled_.push_back({conversation, telling.settledAt});
    return settled_.size() == 1;
}

bool Announcer::Told::isStill(const Standing& now) const {
    if (shared.seq != 0 && shared.seq < now.sharedSeq) return false;
    if (staff.seq != 0 && staff.seq < now.staffSeq) return false;
    if (!state) return true;
    // A queue entry also says how the conversation goes on.
    const bool sameEntry = now.state != ConversationState::waiting || stateSeq >= now.sharedSeq;
    return *state == now.state && fence == now.fence && joined == now.joined && sameEntry;
}

bool Announcer::Told::isStill(v1::Stream stream, const std::string& bytes) const {
    const Head& head = stream == v1::STREAM_STAFF ? staff : shared;
    return head.seq == 0 || head.bytes == std::hash<std::string>()(bytes);
}

std::vector<Announcer::Told> Announcer::takeSettled(std::size_t limit, bus::Deadline now) {
    const std::scoped_lock lock(mutex_);
    std::vector<Told> taken;
    while (taken.size() < limit && !settled_.empty() && settled_.front().at + kSettleTime <= now) {
        const Settled settled = settled_.front();
        settled_.pop_front();
        auto& telling = telling_.at(settled.conversation);
        telling.queued = false;
        if (telling.pending > 0) continue;
        if (telling.settledAt != settled.at) {
            telling.queued = true;
            settled_.push_back({settled.conversation, telling.settledAt});
            continue;
        }
        taken.push_back(std::move(telling.told));
        taken.back().conversation = settled.conversation;
        telling_.erase(settled.conversation);
    }
    return taken;
}

bool Announcer::putBack(const Told& told) {
    const std::scoped_lock lock(mutex_);
    const auto at = telling_.find(told.conversation);
    if (at == telling_.end()) return false;
    auto& newer = at->second.told;
    if (newer.shared.seq == 0) newer.shared = told.shared;
    if (newer.staff.seq == 0) newer.staff = told.staff;
    if (newer.state) return true;
    newer.state = told.state;
    newer.fence = told.fence;
    newer.joined = told.joined;
    newer.stateSeq = told.stateSeq;
    return true;
}

std::optional<bus::Deadline> Announcer::nextSettled() {
    const std::scoped_lock lock(mutex_);
    if (settled_.empty()) return std::nullopt;
    return settled_.front().at + kSettleTime;
}

bool Announcer::hasUnsettled() {
    const std::scoped_lock lock(mutex_);
    return !telling_.empty();
}

bool Announcer::busy() {
    if (pending_.load() <= kBusy) return false;
    starved_.store(true);
    return pending_.load() > kBusy;
}

void Announcer::event(const SiteId& site, const ConversationId& conversation, v1::Stream stream,
                      std::uint64_t seq, std::string bytes, bool newest,
                      const std::string& traceparent) {
    if (newest) tellHead(conversation, stream, seq, bytes);
    const topics::Topic topic = stream == v1::STREAM_STAFF
                                    ? topics::Topic(topics::StaffLog{site, conversation})
                                    : topics::Topic(topics::SharedLog{site, conversation});
    auto message = retained(topic, std::move(bytes));
    message.retain = newest;
    message.expiry = kLogExpiry;
    if (!traceparent.empty() && isSampled(traceparent)) {
        message.userProperties.emplace_back(kTraceparent, traceparent);
    }
    publish(conversation, std::move(message));
}

void Announcer::tellHead(const ConversationId& conversation, v1::Stream stream, std::uint64_t seq,
                         const std::string& bytes) {
    if (!replicas_) return;
    const Told::Head head{seq, std::hash<std::string>()(bytes)};
    const std::scoped_lock lock(mutex_);
    auto& told = telling_[conversation].told;
    (stream == v1::STREAM_STAFF ? told.staff : told.shared) = head;
}

void Announcer::publishQueueEntry(const Conversation& now) {
    v1::QueueEntry entry;
    entry.set_waiting_since_ms(now.waitingSinceMs);
    entry.set_priority(now.priority);
    entry.set_visitor_name(now.visitorName);
    entry.set_preview(now.preview);
    entry.set_head_seq(now.shared.seq);
    if (now.offer) entry.set_offered_to(now.offer->agent.str());
    publish(now.id, retained(topics::Queue{now.site, now.department, now.id}, encode(entry)));
}

void Announcer::publishAssignment(const Conversation& now, const AgentId& agent,
                                  std::int64_t waitedMs) {
    v1::Assignment assignment;
    assignment.set_department(now.department.str());
    assignment.set_since_ms(now.assignedAtMs);
    assignment.set_fence(now.fence);
    assignment.set_visitor_name(now.visitorName);
    assignment.set_waited_ms(static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(waitedMs, 0, std::numeric_limits<std::uint32_t>::max())));
    if (now.offeredTo(agent)) {
        assignment.set_offered(true);
        assignment.set_until_ms(now.offer->untilMs);
    }
    assignment.set_joined(now.joinedBy(agent));
    publish(now.id, retained(topics::AssignedTo{now.site, agent, now.id}, encode(assignment)));
}

void Announcer::clearQueueEntry(const topics::Queue& topic) {
    publish(topic.conversation, retained(topic, {}));
}

void Announcer::clearAssignment(const topics::AssignedTo& topic) {
    publish(topic.conversation, retained(topic, {}));
}

void Announcer::tellState(const Conversation& now) {
    if (!replicas_) return;
    const std::scoped_lock lock(mutex_);
    auto& told = telling_[now.id].told;
    told.state = now.state;
    told.fence = now.fence;
    told.joined = now.joined;
    told.stateSeq = now.shared.seq;
}

void Announcer::change(const Conversation* before, const Conversation& after) {
    const bool isWaiting = after.state == ConversationState::waiting;
    // Once it does not wait, how far it has come shows in the log alone.
    if (before != nullptr && !isWaiting && before->standsAs(after)) return;
    if (before != nullptr && *before == after) return;
    tellState(after);
    const bool wasWaiting = before != nullptr && before->state == ConversationState::waiting;
    if (wasWaiting && (!isWaiting || before->department != after.department)) {
        clearQueueEntry({before->site, before->department, before->id});
    }
    if (before != nullptr) {
        for (const auto& agent : concerned(*before)) {
            if (!isConcerned(after, agent)) clearAssignment({after.site, agent, after.id});
        }
    }
    if (isWaiting) publishQueueEntry(after);
    if (before != nullptr && before->standsAs(after)) return;
    // Whoever had to wait for the first time: how long it took.
    const bool first = before == nullptr || before->assignedAtMs == 0;
    const auto waitedMs = first ? after.assignedAtMs - after.waitingSinceMs : 0;
    for (const auto& agent : concerned(after)) publishAssignment(after, agent, waitedMs);
}

void Announcer::whole(const Conversation& now) {
    tellState(now);
    if (now.state == ConversationState::waiting) {
        publishQueueEntry(now);
    } else {
        clearQueueEntry({now.site, now.department, now.id});
    }
    auto former = now.declined;
    if (now.agent) former.push_back(*now.agent);
    for (const auto& agent : former) {
        if (!isConcerned(now, agent)) clearAssignment({now.site, agent, now.id});
    }
    for (const auto& agent : concerned(now)) publishAssignment(now, agent, 0);
}

void Announcer::position(const SiteId& site, const ConversationId& conversation,
                         const v1::QueuePosition& position) {
    v1::Live live;
    *live.mutable_queue_position() = position;
    bus::Message message;
    message.topic = topics::format(
        topics::LiveOut{site, conversation, *PartyId::parse(std::string(kLedgerParty))});
    message.payload = encode(live);
    message.qos = bus::Qos::atMostOnce;
    message.expiry = kLiveExpiry;
    bus_.publish(std::move(message), {}, deadline());
}

void Announcer::department(const topics::Department& topic, const v1::DepartmentState& state) {
    bus_.publish(
        retained(topic, encode(state)),
        [this](const Expected<void>& done) {
            if (!done) metrics_.publishFailed();
        },
        deadline());
}

void Announcer::reply(const ReplyAddress& address, const v1::Response& response) {
    send(replyMessage(address, response));
}

void Announcer::receipts(std::vector<std::pair<ReplyAddress, v1::Response>> receipts) {
    std::unordered_map<std::string, std::pair<topics::Reply, v1::Answers>> gateways;
    for (auto& [address, response] : receipts) {
        if (address.topic.caller.str() != kGatewayCaller) {
            reply(address, response);
            continue;
        }
        auto& [topic, answers] =
            gateways.try_emplace(topics::format(address.topic), address.topic, v1::Answers())
                .first->second;
        auto& answer = *answers.add_answers();
        answer.set_correlation(std::move(address.correlation));
        *answer.mutable_response() = std::move(response);
        if (answers.answers_size() < kMaxAnswers) continue;
        send(repliesMessage(topic, answers));
        answers.Clear();
    }
    for (const auto& [name, gateway] : gateways) {
        const auto& [topic, answers] = gateway;
        if (answers.answers_size() > 0) send(repliesMessage(topic, answers));
    }
}

// Not remembered where it fails: the sender asks again.
void Announcer::send(bus::Message reply) {
    bus_.publish(
        std::move(reply),
        [this](const Expected<void>& done) {
            if (!done) metrics_.publishFailed();
        },
        deadline());
}

void Announcer::addMissed(std::span<const ConversationId> conversations) {
    const std::scoped_lock lock(mutex_);
    missed_.insert(conversations.begin(), conversations.end());
}

std::vector<ConversationId> Announcer::takeMissed(std::size_t limit) {
    const std::scoped_lock lock(mutex_);
    std::vector<ConversationId> taken;
    while (taken.size() < limit && !missed_.empty()) {
        taken.push_back(*missed_.begin());
        missed_.erase(missed_.begin());
    }
    return taken;
}

}  // namespace parlor::ledger
