#include "ledger/intake/handling.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::size_t kMostJoined = 8;

Error conflict(std::string text) { return {Errc::conflict, std::move(text)}; }
Error forbidden(std::string text) { return {Errc::forbidden, std::move(text)}; }

std::string nameOf(const Scene& scene, const AgentId& agent) {
    return scene.desk.nameOf(scene.now.site, agent);
}

bool isOfferedToAnother(const Scene& scene, const AgentId& agent) {
    const auto& offer = scene.now.offer;
    return offer && offer->agent != agent && scene.nowMs < offer->untilMs;
}

v1::Event assignedEvent(const Scene& scene, const Author& author, const AgentId& to) {
    auto event = eventBy(author, v1::STREAM_SHARED);
    event.mutable_assigned()->set_agent(to.str());
    event.mutable_assigned()->set_agent_name(nameOf(scene, to));
    event.mutable_assigned()->set_fence(scene.now.fence + 1);
    return event;
}

v1::Event transferredEvent(const Scene& scene, const Author& author) {
    auto event = eventBy(author, v1::STREAM_SHARED);
    auto& body = *event.mutable_transferred();
    if (scene.now.state == ConversationState::assigned) {
        body.set_from_agent(scene.now.agent->str());
    }
    return event;
}

Expected<void> checkMayTake(const Scene& scene, const AgentId& agent) {
    const auto& site = scene.now.site;
    if (scene.desk.serves(site, agent, scene.now.department)) return {};
    if (scene.desk.isSupervisor(site, agent)) return {};
    return forbidden("not one of your departments: " + scene.now.department.str());
}

// The holder, and supervisors.
Expected<void> checkMayHandOn(const Scene& scene, const AgentId& agent) {
    if (scene.now.heldBy(agent) || scene.desk.isSupervisor(scene.now.site, agent)) return {};
    return forbidden("the conversation is not yours");
}

Expected<void> checkMayReceive(const Scene& scene, const AgentId& agent) {
    const auto& site = scene.now.site;
    if (scene.now.heldBy(agent)) return conflict("held by " + nameOf(scene, agent) + " already");
    if (scene.desk.isDisabled(site, agent)) {
        return conflict(nameOf(scene, agent) + " does not work here any more");
    }
    if (!scene.desk.isOnline(site, agent)) return conflict(nameOf(scene, agent) + " is not online");
    return checkRoom(scene, agent, scene.desk.capacity(site, agent));
}

}  // namespace

v1::Event eventBy(const Author& author, v1::Stream stream) {
    v1::Event event;
    event.set_stream(stream);
    auto& party = *event.mutable_author();
    party.set_kind(author.agent ? v1::Party::KIND_AGENT : v1::Party::KIND_VISITOR);
    if (author.agent) party.set_id(author.agent->str());
    party.set_name(author.name);
    return event;
}

v1::Event eventBySystem(v1::Stream stream) {
    v1::Event event;
    event.set_stream(stream);
    event.mutable_author()->set_kind(v1::Party::KIND_SYSTEM);
    return event;
}

v1::Event queuedEvent(v1::Event event, const Conversation& now, const DepartmentId& department,
                      const std::string& reason) {
    auto& body = *event.mutable_queued();
    body.set_department(department.str());
    body.set_priority(now.priority);
    body.set_reason(reason);
    return event;
}

Expected<void> checkRoom(const Scene& scene, const AgentId& agent,
                         std::optional<std::uint32_t> most) {
    const auto& now = scene.now;
    const bool counted = now.heldBy(agent) || now.offeredTo(agent);
    const auto load = scene.loads.find({now.site, agent});
    if (!most || counted || load == scene.loads.end() || load->second < *most) return {};
    return conflict(nameOf(scene, agent) + " has " + std::to_string(load->second) +
                    " conversations, at most " + std::to_string(*most));
}

Expected<Verdict> judgeAccept(const Scene& scene, const Author& author) {
    const Conversation& now = scene.now;
    if (now.heldBy(*author.agent)) return Verdict(Place{v1::STREAM_SHARED, now.assignedSeq});
    if (now.state == ConversationState::assigned) {
        return conflict("held by " + nameOf(scene, *now.agent));
    }
    if (isOfferedToAnother(scene, *author.agent)) {
        return conflict("offered to " + nameOf(scene, now.offer->agent));
    }
    if (!now.offeredTo(*author.agent)) {
        if (auto may = checkMayTake(scene, *author.agent); !may) return may.error();
    }
    const auto limit = scene.desk.limit(now.site, *author.agent);
    if (auto room = checkRoom(scene, *author.agent, limit); !room) return room.error();
    return Verdict(std::vector{assignedEvent(scene, author, *author.agent)});
}

Expected<Verdict> judgeDecline(const Scene& scene, const Author& author) {
    if (!scene.now.offeredTo(*author.agent)) return conflict("not offered to you");
    auto event = eventBy(author, v1::STREAM_STAFF);
    event.mutable_declined()->set_agent(author.agent->str());
    return Verdict(std::vector{std::move(event)});
}

Expected<Verdict> judgeTransfer(const Scene& scene, const Author& author,
                                const v1::Transfer& transfer) {
    if (auto may = checkMayHandOn(scene, *author.agent); !may) return may.error();
    std::vector<v1::Event> events;
    if (!transfer.note().empty()) {
        events.push_back(eventBy(author, v1::STREAM_STAFF));
        events.back().mutable_note()->set_text(transfer.note());
    }
    events.push_back(transferredEvent(scene, author));
    auto& body = *events.back().mutable_transferred();
    if (transfer.has_agent()) {
        const auto to = *AgentId::parse(transfer.agent());
        if (auto may = checkMayReceive(scene, to); !may) return may.error();
        body.set_to_agent(to.str());
        events.push_back(assignedEvent(scene, author, to));
        return Verdict(std::move(events));
    }
    const auto to = *DepartmentId::parse(transfer.department());
    if (!scene.desk.exists(scene.now.site, to)) {
        return Error{Errc::notFound, "no such department: " + to.str()};
    }
    if (scene.now.state == ConversationState::waiting && scene.now.department == to) {
        return conflict("waits for " + to.str() + " already");
    }
    body.set_to_department(to.str());
    events.push_back(queuedEvent(eventBy(author, v1::STREAM_SHARED), scene.now, to, "transferred"));
    if (transfer.priority() != 0) {
        events.back().mutable_queued()->set_priority(transfer.priority());
    }
    return Verdict(std::move(events));
}

Expected<Verdict> judgeTakeOver(const Scene& scene, const Author& author) {
    const Conversation& now = scene.now;
    if (!scene.desk.isSupervisor(now.site, *author.agent)) {
        return forbidden("take_over: only for supervisors");
    }
    if (now.heldBy(*author.agent)) return Verdict(Place{v1::STREAM_SHARED, now.assignedSeq});
    const auto limit = scene.desk.limit(now.site, *author.agent);
    if (auto room = checkRoom(scene, *author.agent, limit); !room) return room.error();
    std::vector<v1::Event> events;
    if (now.state == ConversationState::assigned) {
        events.push_back(transferredEvent(scene, author));
        events.back().mutable_transferred()->set_to_agent(author.agent->str());
    }
    events.push_back(assignedEvent(scene, author, *author.agent));
    return Verdict(std::move(events));
}

Expected<Verdict> judgePrioritize(const Scene& scene, const Author& author,
                                  const v1::Prioritize& prioritize) {
    const Conversation& now = scene.now;
    if (!scene.desk.isSupervisor(now.site, *author.agent)) {
        return forbidden("prioritize: only for supervisors");
    }
    if (now.state == ConversationState::assigned) {
        return conflict("held by " + nameOf(scene, *now.agent));
    }
    if (now.priority == prioritize.priority()) return conflict("has that priority already");
    auto event = queuedEvent(eventBy(author, v1::STREAM_STAFF), now, now.department, "prioritized");
    event.mutable_queued()->set_priority(prioritize.priority());
    return Verdict(std::vector{std::move(event)});
}

Expected<Verdict> judgeJoin(const Scene& scene, const Author& author) {
    const Conversation& now = scene.now;
    if (now.state != ConversationState::assigned) {
        return conflict("nobody holds it: accept it instead");
    }
    if (now.heldBy(*author.agent) || now.joinedBy(*author.agent)) {
        return conflict("you are in it already");
    }
    if (auto may = checkMayTake(scene, *author.agent); !may) return may.error();
    if (now.joined.size() >= kMostJoined) {
        return conflict("at most " + std::to_string(kMostJoined) + " agents beside the holder");
    }
    auto event = eventBy(author, v1::STREAM_SHARED);
    event.mutable_joined()->set_agent(author.agent->str());
    event.mutable_joined()->set_agent_name(author.name);
    return Verdict(std::vector{std::move(event)});
}

Expected<Verdict> judgeLeave(const Scene& scene, const Author& author) {
    const Conversation& now = scene.now;
    if (now.joinedBy(*author.agent)) {
        auto event = eventBy(author, v1::STREAM_SHARED);
        event.mutable_left()->set_agent(author.agent->str());
        return Verdict(std::vector{std::move(event)});
    }
    if (!now.heldBy(*author.agent)) return conflict("you are not in it");
    auto released = eventBy(author, v1::STREAM_SHARED);
    released.mutable_released()->set_agent(author.agent->str());
    released.mutable_released()->set_reason("left");
    return Verdict(std::vector{std::move(released), queuedEvent(eventBy(author, v1::STREAM_SHARED),
                                                                now, now.department, "released")});
}

}  // namespace parlor::ledger
