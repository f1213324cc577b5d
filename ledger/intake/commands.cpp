#include <algorithm>

#include "ledger/intake/handling.h"

namespace parlor::ledger {
namespace {

using Events = std::vector<v1::Event>;

Events carryOut(const Scene& scene, const MakeOffer& offer) {
    const Conversation& now = scene.now;
    const auto& desk = scene.desk;
    const bool fits = now.state == ConversationState::waiting && !now.offer &&
                      desk.isOnline(now.site, offer.agent) &&
                      desk.serves(now.site, offer.agent, now.department) &&
                      checkRoom(scene, offer.agent, desk.capacity(now.site, offer.agent));
    if (!fits) return {};
    auto event = eventBySystem(v1::STREAM_STAFF);
    event.mutable_offered()->set_agent(offer.agent.str());
    event.mutable_offered()->set_fence(now.fence + 1);
    event.mutable_offered()->set_until_ms(offer.untilMs);
    return {event};
}

Events carryOut(const Scene& scene, const EndOffer& end) {
    if (!scene.now.offeredTo(end.agent)) return {};
    auto event = eventBySystem(v1::STREAM_STAFF);
    event.mutable_declined()->set_agent(end.agent.str());
    event.mutable_declined()->set_timed_out(true);
    return {event};
}

Events carryOut(const Scene& scene, const Release& release) {
    const Conversation& now = scene.now;
    const bool isGone = scene.desk.isOffline(now.site, release.agent) ||
                        scene.desk.isDisabled(now.site, release.agent);
    if (!now.heldBy(release.agent) || !isGone) return {};
    auto event = eventBySystem(v1::STREAM_SHARED);
    event.mutable_released()->set_agent(release.agent.str());
    event.mutable_released()->set_reason(release.reason);
    return {event, queuedEvent(eventBySystem(v1::STREAM_SHARED), now, now.department, "released")};
}

v1::Event closedEvent(const std::string& reason) {
    auto event = eventBySystem(v1::STREAM_SHARED);
    event.mutable_closed()->set_reason(reason);
    return event;
}

Events carryOut(const Scene& scene, const CloseSilent& silent) {
    if (scene.now.state != ConversationState::assigned) return {};
    if (scene.now.spokenAtMs > silent.spokenBeforeMs) return {};
    return {closedEvent("silence")};
}

Events carryOut(const Scene& scene, const CloseErased&) {
    if (scene.now.state == ConversationState::closed) return {};
    return {closedEvent("erased")};
}

}  // namespace

std::vector<v1::Event> judge(const Scene& scene, const Command& command) {
    if (scene.now.fence != command.fence) return {};
    return std::visit([&](const auto& what) { return carryOut(scene, what); }, command.what);
}

}  // namespace parlor::ledger
