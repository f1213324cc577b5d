#include "tests/agent-desktop/support/fake_ledger.h"

namespace parlor::test {

void FakeLedger::offer(const ConversationId& conversation, const std::string& agent) {
    const std::lock_guard lock(mutex_);
    Record& record = records_.at(conversation);
    record.offeredTo = agent;
    v1::Event event;
    event.set_stream(v1::STREAM_STAFF);
    event.mutable_author()->set_kind(v1::Party::KIND_SYSTEM);
    event.mutable_offered()->set_agent(agent);
    publishEvent(conversation, append(conversation, event));
    publishQueue(conversation, {});
    v1::Assignment assignment;
    assignment.set_department(record.department);
    assignment.set_offered(true);
    publish(topics::AssignedTo{site_, *AgentId::parse(agent), conversation}, encode(assignment),
            true);
}

void FakeLedger::records(const ConversationId& conversation, v1::Event event) {
    const std::lock_guard lock(mutex_);
    const bool staff = event.has_offered() || event.has_declined() || event.has_note() ||
                       event.queued().reason() == "prioritized";
    event.set_stream(staff ? v1::STREAM_STAFF : v1::STREAM_SHARED);
    publishEvent(conversation, append(conversation, std::move(event)));
}

std::vector<v1::Event> FakeLedger::handOver(const ConversationId&, Record& to, const AgentId& agent,
                                            const v1::Draft& draft) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id(agent.str());
    event.mutable_author()->set_name(names_[agent.str()]);
    v1::Event queued = event;
    queued.mutable_queued()->set_department(to.department);
    const bool holds = to.holder == agent.str();
    if (draft.has_decline() && to.offeredTo == agent.str()) {
        event.set_stream(v1::STREAM_STAFF);
        event.mutable_declined()->set_agent(agent.str());
        to.offeredTo.clear();
        return {event};
    }
    if (draft.has_join() && !to.holder.empty() && !holds) {
        to.joined.insert(agent.str());
        event.mutable_joined()->set_agent(agent.str());
        event.mutable_joined()->set_agent_name(names_[agent.str()]);
        return {event};
    }
    if (draft.has_leave() && to.joined.erase(agent.str()) > 0) {
        event.mutable_left()->set_agent(agent.str());
        return {event};
    }
    if (draft.has_leave() && holds) {
        event.mutable_released()->set_agent(agent.str());
        event.mutable_released()->set_reason("left");
        to.holder.clear();
        return {event, queued};
    }
    if (draft.has_take_over()) {
        v1::Transfer self;
        self.set_agent(agent.str());
        return transferred(to, agent, self);
    }
    if (draft.has_prioritize()) {
        to.priority = draft.prioritize().priority();
        queued.set_stream(v1::STREAM_STAFF);
        queued.mutable_queued()->set_priority(to.priority);
        queued.mutable_queued()->set_reason("prioritized");
        return {queued};
    }
    if (draft.has_transfer() && holds) return transferred(to, agent, draft.transfer());
    return {};
}

std::vector<v1::Event> FakeLedger::transferred(Record& to, const AgentId& agent,
                                               const v1::Transfer& transfer) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id(agent.str());
    event.mutable_author()->set_name(names_[agent.str()]);
    std::vector<v1::Event> events;
    if (!transfer.note().empty()) {
        events.push_back(event);
        events.back().set_stream(v1::STREAM_STAFF);
        events.back().mutable_note()->set_text(transfer.note());
    }
    events.push_back(event);
    auto& body = *events.back().mutable_transferred();
    body.set_from_agent(to.holder);
    to.holder.clear();
    events.push_back(event);
    if (transfer.has_agent()) {
        body.set_to_agent(transfer.agent());
        events.back().mutable_assigned()->set_agent(transfer.agent());
        events.back().mutable_assigned()->set_agent_name(names_[transfer.agent()]);
        to.holder = transfer.agent();
        to.holderName = names_[transfer.agent()];
        to.joined.erase(transfer.agent());
    } else {
        body.set_to_department(transfer.department());
        events.back().mutable_queued()->set_department(transfer.department());
        to.department = transfer.department();
    }
    return events;
}

void FakeLedger::publishHandOver(const ConversationId& conversation, const std::string& before,
                                 const AgentId& agent, const v1::Draft& draft) {
    Record& record = records_.at(conversation);
    if (draft.has_join()) {
        v1::Assignment assignment;
        assignment.set_joined(true);
        publish(topics::AssignedTo{site_, agent, conversation}, encode(assignment), true);
        return;
    }
    const std::string gone = record.holder == before ? agent.str() : before;
    if (!gone.empty()) {
        publish(topics::AssignedTo{site_, *AgentId::parse(gone), conversation}, {}, true);
    }
    if (record.holder.empty()) {
        publishQueue(conversation, {});
    } else if (record.holder != before) {
        publishAssignment(conversation, record.holder);
    }
}

}  // namespace parlor::test
