#include "tests/agent-desktop/support/fake_ledger.h"

#include <utility>

namespace parlor::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

bus::Deadline soon() { return bus::Clock::now() + kPatience; }

v1::Receipt failureReceipt(const v1::Draft& draft, const Error& error) {
    v1::Receipt receipt;
    receipt.set_request_id(draft.request_id());
    *receipt.mutable_failure() = toFailure(error);
    return receipt;
}

v1::Receipt recordedReceipt(const v1::Draft& draft, const v1::Event& event) {
    v1::Receipt receipt;
    receipt.set_request_id(draft.request_id());
    receipt.mutable_recorded()->set_epoch(event.epoch());
    receipt.mutable_recorded()->set_stream(event.stream());
    receipt.mutable_recorded()->set_seq(event.seq());
    return receipt;
}

}  // namespace

FakeLedger::FakeLedger(bus::MemoryBroker& broker, std::string site)
    : site_(*SiteId::parse(site)), bus_(broker.makeClient("ledger")) {
    bus::Handlers handlers;
    handlers.onMessage = [this](bus::Message&& message) { onMessage(message); };
    handlers.onState = [](bus::State) {};
    bus_->start(std::move(handlers));
    bus_->subscribe({topics::filters::ledgerAgentPosts(), topics::filters::ledgerRpc(),
                     topics::filters::ledgerAgentStatus(), "parlor/+/c/+/out/live/+"},
                    bus::Qos::atLeastOnce, nullptr, soon());
}

FakeLedger::~FakeLedger() { bus_->stop(soon()); }

void FakeLedger::setFaults(const Faults& faults) {
    const std::lock_guard lock(mutex_);
    faults_ = faults;
}

void FakeLedger::setRole(const std::string& agent, v1::Role role) {
    const std::lock_guard lock(mutex_);
    roles_[agent] = role;
}

void FakeLedger::setClock(std::int64_t nowMs) {
    const std::lock_guard lock(mutex_);
    clockMs_ = nowMs;
}

ConversationId FakeLedger::enqueue(const std::string& visitor, const std::string& preview,
                                   std::int64_t sinceMs) {
    const std::lock_guard lock(mutex_);
    const auto id = ConversationId::generate();
    Record& record = records_[id];
    record.visitor = visitor;
    record.waitingSince = sinceMs;
    v1::Event opened = visitorEvent();
    opened.mutable_opened()->set_department(record.department);
    auto& who = *opened.mutable_opened()->mutable_visitor();
    who.set_name(visitor);
    who.set_locale("zh-CN");
    who.set_page_url("https://shop.example/cart");
    who.set_page_title("Your cart");
    publishEvent(id, append(id, opened));
    if (!preview.empty()) {
        v1::Event said = visitorEvent();
        said.mutable_message()->set_text(preview);
        publishEvent(id, append(id, said));
    }
    publishQueue(id, preview);
    return id;
}

void FakeLedger::says(const ConversationId& conversation, const std::string& text) {
    const std::lock_guard lock(mutex_);
    v1::Event event = visitorEvent();
    event.mutable_message()->set_text(text);
    const v1::Event& recorded = append(conversation, event);
    if (!faults_.withholdEvents) publishEvent(conversation, recorded);
}

void FakeLedger::reads(const ConversationId& conversation, std::uint64_t seq) {
    const std::lock_guard lock(mutex_);
    v1::Event event = visitorEvent();
    event.mutable_read()->set_seq(seq);
    publishEvent(conversation, append(conversation, event));
}

void FakeLedger::hangsUp(const ConversationId& conversation, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    Record& record = records_.at(conversation);
    v1::Event event = visitorEvent();
    event.mutable_closed()->set_reason(reason);
    record.closed = true;
    publishEvent(conversation, append(conversation, event));
    if (!record.holder.empty()) publishAssignment(conversation, {});
}

void FakeLedger::assign(const ConversationId& conversation, const std::string& agent,
                        const std::string& name) {
    const std::lock_guard lock(mutex_);
    publishAssignment(conversation, {});
    Record& record = records_.at(conversation);
    record.holder = agent;
    record.holderName = name;
    if (agent.empty()) return;
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_SYSTEM);
    event.mutable_assigned()->set_agent(agent);
    event.mutable_assigned()->set_agent_name(name);
    publishEvent(conversation, append(conversation, event));
    publishAssignment(conversation, agent);
    publish(topics::Queue{site_, *DepartmentId::parse(record.department), conversation}, {}, true);
}

void FakeLedger::clearQueue(const ConversationId& conversation) {
    const std::lock_guard lock(mutex_);
    publish(topics::Queue{site_, *DepartmentId::parse(records_.at(conversation).department),
                          conversation},
            {}, true);
}

void FakeLedger::visitorLive(const ConversationId& conversation, bool typing,
                             const std::string& preview) {
    const std::lock_guard lock(mutex_);
    v1::Live live;
    live.mutable_typing()->set_active(typing);
    live.mutable_typing()->set_preview(preview);
    publish(topics::LiveIn{site_, conversation}, encode(live), false);
}

void FakeLedger::clearPresence(const ConversationId& conversation) {
    const std::lock_guard lock(mutex_);
    bus::Message message;
    message.topic = topics::format(topics::PresenceIn{site_, conversation});
    message.retain = true;
    bus_->publish(std::move(message), nullptr, soon());
}

void FakeLedger::visitorPresence(const ConversationId& conversation, v1::Presence::State state,
                                 std::chrono::seconds lease) {
    const std::lock_guard lock(mutex_);
    v1::Presence presence;
    presence.set_state(state);
    presence.set_page_title("Checkout");
    presence.set_page_url("https://shop.example/checkout");
    bus::Message message;
    message.topic = topics::format(topics::PresenceIn{site_, conversation});
    message.payload = encode(presence);
    message.retain = true;
    message.expiry = lease;
    bus_->publish(std::move(message), nullptr, soon());
}

void FakeLedger::publishAgain(const ConversationId& conversation, std::uint64_t seq) {
    const std::lock_guard lock(mutex_);
    publishEvent(conversation, records_.at(conversation).shared.at(seq - 1));
}

void FakeLedger::publishShared(const ConversationId& conversation, v1::Event event) {
    const std::lock_guard lock(mutex_);
    publishEvent(conversation, event);
}

void FakeLedger::restore(const ConversationId& conversation, std::size_t kept) {
    const std::lock_guard lock(mutex_);
    ++epoch_;
    Record& record = records_.at(conversation);
    record.shared.resize(kept);
    record.staff.clear();
    record.receipts.clear();
}

std::vector<v1::Draft> FakeLedger::drafts(const ConversationId& conversation) const {
    const std::lock_guard lock(mutex_);
    const auto found = drafts_.find(conversation);
    return found == drafts_.end() ? std::vector<v1::Draft>() : found->second;
}

int FakeLedger::posts(const ConversationId& conversation) const {
    const std::lock_guard lock(mutex_);
    const auto found = posts_.find(conversation);
    return found == posts_.end() ? 0 : found->second;
}

int FakeLedger::histories() const {
    const std::lock_guard lock(mutex_);
    return histories_;
}

int FakeLedger::directories() const {
    const std::lock_guard lock(mutex_);
    return directories_;
}

std::vector<std::string> FakeLedger::texts(const ConversationId& conversation) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const auto& event : records_.at(conversation).shared) {
        if (event.has_message()) texts.push_back(event.message().text());
    }
    return texts;
}

std::vector<v1::AgentStatus> FakeLedger::statuses() const {
    const std::lock_guard lock(mutex_);
    return statuses_;
}

std::chrono::seconds FakeLedger::statusLease() const {
    const std::lock_guard lock(mutex_);
    return statusLease_;
}

std::vector<bool> FakeLedger::typings(const ConversationId& conversation) const {
    const std::lock_guard lock(mutex_);
    const auto found = typings_.find(conversation);
    return found == typings_.end() ? std::vector<bool>() : found->second;
}

void FakeLedger::onMessage(const bus::Message& message) {
    const std::lock_guard lock(mutex_);
    const auto topic = topics::parse(message.topic);
    if (!topic) return;
    if (const auto* in = std::get_if<topics::AgentIn>(&*topic)) return onPost(*in, message);
    if (std::holds_alternative<topics::Rpc>(*topic)) return onRpc(message);
    if (const auto* of = std::get_if<topics::Status>(&*topic)) {
        const auto status = decode<v1::AgentStatus>(message.payload);
        statuses_.push_back(*status);
        statusLease_ = message.expiry;
        names_[of->agent.str()] = status->name();
    }
    if (const auto* live = std::get_if<topics::LiveOut>(&*topic)) {
        typings_[live->conversation].push_back(
            decode<v1::Live>(message.payload)->typing().active());
    }
}

void FakeLedger::onPost(const topics::AgentIn& topic, const bus::Message& message) {
    const auto post = decode<v1::Post>(message.payload);
    ++posts_[topic.conversation];
    v1::Response response;
    for (const auto& draft : post->drafts()) {
        drafts_[topic.conversation].push_back(draft);
        if (faults_.deaf) continue;
        *response.mutable_post()->add_receipts() = faults_.refusal
                                                       ? failureReceipt(draft, *faults_.refusal)
                                                       : record(topic.conversation, topic, draft);
    }
    if (faults_.deaf || faults_.mute) return;
    reply(message, response);
}

v1::Receipt FakeLedger::record(const ConversationId& conversation, const topics::AgentIn& from,
                               const v1::Draft& draft) {
    Record& to = records_[conversation];
    const auto known = to.receipts.find(draft.request_id());
    if (known != to.receipts.end()) {
        for (const auto* stream : {&to.shared, &to.staff}) {
            for (const auto& event : *stream) {
                if (event.request_id() == draft.request_id()) publishEvent(conversation, event);
            }
        }
        return known->second;
    }
    const v1::Receipt receipt = judge(conversation, to, from.agent, draft);
    to.receipts[draft.request_id()] = receipt;
    return receipt;
}

v1::Receipt FakeLedger::judge(const ConversationId& conversation, Record& to, const AgentId& agent,
                              const v1::Draft& draft) {
    if (to.closed && !draft.has_read()) return failureReceipt(draft, {Errc::closed, "closed"});
    if (draft.has_accept() && !to.holder.empty() && to.holder != agent.str()) {
        return failureReceipt(draft, {Errc::conflict, to.holderName});
    }
    const std::string before = to.holder;
    auto handover = handOver(conversation, to, agent, draft);
    for (auto& each : handover) {
        const bool last = &each == &handover.back();
        if (last) each.set_request_id(draft.request_id());
        const v1::Event& made = append(conversation, each);
        publishEvent(conversation, made);
        if (!last) continue;
        const v1::Event own = made;
        publishHandOver(conversation, before, agent, draft);
        return recordedReceipt(draft, own);
    }
    if (!draft.has_accept() && to.holder != agent.str() && !to.joined.contains(agent.str())) {
        return failureReceipt(draft, {Errc::forbidden, "not yours"});
    }
    v1::Event event;
    event.set_request_id(draft.request_id());
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id(agent.str());
    event.mutable_author()->set_name(names_[agent.str()]);
    event.set_stream(draft.has_note() ? v1::STREAM_STAFF : v1::STREAM_SHARED);
    if (draft.has_message()) *event.mutable_message() = draft.message();
    if (draft.has_note()) *event.mutable_note() = draft.note();
    if (draft.has_read()) *event.mutable_read() = draft.read();
    if (draft.has_close()) event.mutable_closed()->set_reason(draft.close().reason());
    if (draft.has_accept()) {
        event.mutable_assigned()->set_agent(agent.str());
        event.mutable_assigned()->set_agent_name(names_[agent.str()]);
    }
    const v1::Event recorded = append(conversation, event);
    if (!faults_.mute && !faults_.withholdEvents) publishEvent(conversation, recorded);
    if (draft.has_accept()) {
        to.holder = agent.str();
        to.holderName = names_[agent.str()];
        publishAssignment(conversation, agent.str());
        publish(topics::Queue{site_, *DepartmentId::parse(to.department), conversation}, {}, true);
    }
    if (draft.has_close()) {
        to.closed = true;
        publishAssignment(conversation, {});
    }
    return recordedReceipt(draft, recorded);
}

void FakeLedger::reply(const bus::Message& to, const v1::Response& response) {
    bus::Message message;
    message.topic = to.responseTopic;
    message.payload = encode(response);
    message.correlationData = to.correlationData;
    bus_->publish(std::move(message), nullptr, soon());
}

void FakeLedger::tellRole(const bus::Message& message, const std::string& of) {
    ++directories_;
    if (faults_.noDirectory) return;
    v1::Response response;
    if (faults_.refusal) {
        *response.mutable_failure() = toFailure(*faults_.refusal);
        return reply(message, response);
    }
    auto& directory = *response.mutable_directory();
    if (const auto role = roles_.find(of); role != roles_.end()) {
        auto& profile = *directory.add_agents()->mutable_profile();
        profile.set_id(role->first);
        profile.set_role(role->second);
    }
    reply(message, response);
}

// Pages of two of all conversations, the newest first: whoever asks took part in them.
void FakeLedger::listEarlier(const bus::Message& message, const v1::ConversationsRequest& asked) {
    if (faults_.noHistory) return;
    v1::Response response;
    auto& page = *response.mutable_conversations();
    for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
        const auto& [id, record] = *at;
        if (!asked.before().empty() && id.str() >= asked.before()) continue;
        if (page.conversations_size() == 2) {
            page.set_next(page.conversations(1).conversation());
            break;
        }
        auto& summary = *page.add_conversations();
        summary.set_conversation(id.str());
        summary.set_visitor_name(record.visitor);
        summary.set_preview("hello");
        summary.set_opened_at_ms(clockMs_);
    }
    reply(message, response);
}

void FakeLedger::onRpc(const bus::Message& message) {
    const auto request = decode<v1::Request>(message.payload);
    if (request->has_conversations()) return listEarlier(message, request->conversations());
    if (request->has_directory()) return tellRole(message, request->directory().list().agent());
    if (!request->has_history()) return;
    ++histories_;
    if (faults_.noHistory) return;
    const auto& asked = request->history();
    v1::Response response;
    const auto found = records_.find(*ConversationId::parse(asked.conversation()));
    if (found == records_.end()) {
        *response.mutable_failure() = toFailure({Errc::notFound, "no such conversation"});
    } else {
        auto& history = *response.mutable_history();
        const auto& events =
            asked.stream() == v1::STREAM_STAFF ? found->second.staff : found->second.shared;
        history.set_epoch(epoch_);
        history.set_head_seq(events.size());
        for (const auto& event : events) {
            const bool full = history.events_size() >= static_cast<int>(asked.limit());
            if (event.seq() > asked.after_seq() && !full) *history.add_events() = event;
        }
    }
    reply(message, response);
}

v1::Event& FakeLedger::append(const ConversationId& conversation, v1::Event event) {
    Record& record = records_.at(conversation);
    const bool staff = event.stream() == v1::STREAM_STAFF;
    auto& events = staff ? record.staff : record.shared;
    event.set_conversation(conversation.str());
    event.set_stream(staff ? v1::STREAM_STAFF : v1::STREAM_SHARED);
    event.set_seq(events.size() + 1);
    event.set_epoch(epoch_);
    event.set_recorded_at_ms(clockMs_ += 1000);
    if (staff) event.set_after_seq(record.shared.size());
    return events.emplace_back(std::move(event));
}

void FakeLedger::publishEvent(const ConversationId& conversation, const v1::Event& event) {
    if (event.stream() == v1::STREAM_STAFF) {
        publish(topics::StaffLog{site_, conversation}, encode(event), true);
    } else {
        publish(topics::SharedLog{site_, conversation}, encode(event), true);
    }
}

void FakeLedger::publishQueue(const ConversationId& conversation, const std::string& preview) {
    const Record& record = records_.at(conversation);
    v1::QueueEntry entry;
    entry.set_waiting_since_ms(record.waitingSince);
    entry.set_visitor_name(record.visitor);
    entry.set_preview(preview);
    entry.set_head_seq(record.shared.size());
    entry.set_offered_to(record.offeredTo);
    entry.set_priority(record.priority);
    publish(topics::Queue{site_, *DepartmentId::parse(record.department), conversation},
            encode(entry), true);
}

void FakeLedger::publishAssignment(const ConversationId& conversation, const std::string& agent) {
    Record& record = records_.at(conversation);
    const std::string whose = agent.empty() ? record.holder : agent;
    if (whose.empty()) return;
    v1::Assignment assignment;
    assignment.set_department(record.department);
    assignment.set_since_ms(clockMs_);
    assignment.set_visitor_name(record.visitor);
    publish(topics::AssignedTo{site_, *AgentId::parse(whose), conversation},
            agent.empty() ? std::string() : encode(assignment), true);
    if (agent.empty()) record.holder.clear();
}

void FakeLedger::publish(const topics::Topic& topic, std::string payload, bool retain) {
    bus::Message message;
    message.topic = topics::format(topic);
    message.payload = std::move(payload);
    message.retain = retain;
    bus_->publish(std::move(message), nullptr, soon());
}

v1::Event FakeLedger::visitorEvent() const {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
    return event;
}

}  // namespace parlor::test
