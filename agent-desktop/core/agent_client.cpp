#include "agent-desktop/core/agent_client.h"

#include <QDateTime>
#include <algorithm>
#include <utility>
#include <variant>

#include "agent-desktop/core/actions/accept.h"
#include "agent-desktop/core/actions/ask_role.h"
#include "agent-desktop/core/actions/close_conversation.h"
#include "agent-desktop/core/actions/decline.h"
#include "agent-desktop/core/actions/join.h"
#include "agent-desktop/core/actions/leave.h"
#include "agent-desktop/core/actions/list_earlier.h"
#include "agent-desktop/core/actions/prioritize.h"
#include "agent-desktop/core/actions/take_over.h"

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kPresenceLease{90};  // docs/protocol.md: in/presence
constexpr int kRoleSpread = 7;  // as before a seventh attempt: up to Timing::backoffMax

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

AgentClient::AgentClient(Identity identity, std::unique_ptr<bus::Bus> bus, const QString& directory,
                         const Timing& timing, QObject* parent)
    : QObject(parent),
      identity_(std::move(identity)),
      timing_(timing),
      link_(std::move(bus), timing),
      rpc_(link_, identity_),
      outbox_(link_, rpc_, identity_, directory, timing) {
    status_.sinceMs = QDateTime::currentMSecsSinceEpoch();
    connect(&statusTimer_, &QTimer::timeout, this, &AgentClient::tellStatus);
    sweepTimer_.setSingleShot(true);
    connect(&sweepTimer_, &QTimer::timeout, this, &AgentClient::sweepStale);
    roleTimer_.setSingleShot(true);
    connect(&roleTimer_, &QTimer::timeout, this, &AgentClient::learnRole);
    connectParts();
}

AgentClient::~AgentClient() { signOut(); }

void AgentClient::connectParts() {
    connect(&link_, &BusLink::connectedChanged, this, &AgentClient::onConnected);
    connect(&link_, &BusLink::messageArrived, this, &AgentClient::onMessage);
    connect(&link_, &BusLink::subscriptionRefused, this, &AgentClient::trouble);
    connect(&link_, &BusLink::connectFailed, this, [this](const Error& error) {
        if (connection_ == Connection::connecting) Q_EMIT signInFailed(error);
    });
    connect(&outbox_, &Outbox::storeFailed, this, &AgentClient::trouble);
    connect(&outbox_, &Outbox::failed, this, &AgentClient::onFailed);
    connect(&outbox_, &Outbox::recorded, this, &AgentClient::recorded);
    const auto changed = [this](const OutboxItem& item) {
        if (auto* open = conversations_.find(item.conversation)) open->onOutboxChanged(item);
    };
    connect(&outbox_, &Outbox::added, this, changed);
    connect(&outbox_, &Outbox::changed, this, changed);
    connect(&outbox_, &Outbox::removed, this, [this](const OutboxItem& item) {
        if (auto* open = conversations_.find(item.conversation)) open->onOutboxRemoved(item);
    });
}

Expected<void> AgentClient::signIn() {
    if (auto opened = outbox_.open(); !opened) return opened;
    setConnection(Connection::connecting);
    const auto& [site, agent, name, client, capacity] = identity_;
    link_.keep(
        {topics::filters::agentReplies(site, agent, client),
         topics::filters::agentAssignments(site, agent), topics::filters::agentQueue(site),
         topics::filters::agentDepartments(site), topics::format(topics::Status{site, agent})},
        this, [this] { onGranted(); });
    // What an earlier run could not send must be seen, whoever holds the conversation now.
    for (const auto& conversation : outbox_.conversations()) openConversation(conversation);
    link_.start();
    return {};
}

void AgentClient::signOut() {
    if (connection_ == Connection::signedOut) return;
    if (connection_ == Connection::online) {
        // A will is sent for those who vanish only.
        publishStatus(link_, identity_,
                      {v1::AgentStatus::STATE_OFFLINE, QDateTime::currentMSecsSinceEpoch()},
                      timing_.stop);
    }
    link_.stop();
    statusTimer_.stop();
    sweepTimer_.stop();
    roleTimer_.stop();
    setConnection(Connection::signedOut);
}

void AgentClient::setStatus(v1::AgentStatus::State status) {
    if (status != status_.state) status_ = {status, QDateTime::currentMSecsSinceEpoch()};
    if (connection_ == Connection::online) tellStatus();
    Q_EMIT statusChanged();
}

void AgentClient::tellStatus() {
    publishStatus(link_, identity_, status_, timing_.request);
    statusTimer_.start(timing_.statusRepeat);
}

void AgentClient::learnRole() {
    askRole(rpc_, identity_, timing_.request, this, [this](const Expected<v1::Role>& role) {
        if (connection_ != Connection::online) return;
        const bool disabled = !role && role.error().code == Errc::forbidden;
        if (!role && !disabled) {
            roleTimer_.start(backoff(timing_, ++roleAttempt_));
            return;
        }
        const v1::Role now = disabled ? v1::ROLE_AGENT : *role;
        if (std::exchange(role_, now) != now) Q_EMIT roleChanged();
    });
}

void AgentClient::accept(const ConversationId& conversation) {
    if (connection_ != Connection::online) {
        Q_EMIT acceptFailed(conversation, {Errc::unavailable, "not connected to the server"});
        return;
    }
    queue_.setAccepting(conversation, true);
    agent::accept(outbox_, conversation);
}

void AgentClient::decline(const ConversationId& conversation) {
    agent::decline(outbox_, conversation);
}

Expected<RequestId> AgentClient::transfer(const ConversationId& conversation, const Destination& to,
                                          const QString& note) {
    return agent::transfer(outbox_, conversation, to, note);
}

void AgentClient::takeOver(const ConversationId& conversation) {
    agent::takeOver(outbox_, conversation);
}

void AgentClient::prioritize(const ConversationId& conversation, std::uint32_t priority) {
    agent::prioritize(outbox_, conversation, priority);
}

void AgentClient::join(const ConversationId& conversation) { agent::join(outbox_, conversation); }

void AgentClient::leave(const ConversationId& conversation) { agent::leave(outbox_, conversation); }

Expected<RequestId> AgentClient::send(const ConversationId& conversation, const QString& text,
                                      Audience audience) {
    if (auto* open = conversations_.find(conversation)) open->typing().stop();
    return sendText(outbox_, conversation, text, audience);
}

RequestId AgentClient::close(const ConversationId& conversation, const QString& reason) {
    return closeConversation(outbox_, conversation, reason);
}

void AgentClient::listEarlier(const std::string& before, QObject* context,
                              std::function<void(Expected<v1::ConversationsResponse>)> handler) {
    agent::listEarlier(rpc_, identity_, before, timing_.request, context, std::move(handler));
}

void AgentClient::show(const ConversationId& conversation) {
    if (conversations_.find(conversation)) return;
    openConversation(conversation);
    boundIdle();
}

bool AgentClient::dismiss(const ConversationId& conversation) {
    Conversation* open = conversations_.find(conversation);
    if (!open) return true;
    const auto items = outbox_.items(conversation);
    const bool busy = std::any_of(items.begin(), items.end(), [](const OutboxItem& item) {
        return item.state == OutboxItem::State::waiting || item.state == OutboxItem::State::sending;
    });
    const auto phase = open->phase();
    if (busy || phase == Conversation::Phase::held || phase == Conversation::Phase::joined) {
        return false;
    }
    conversations_.remove(conversation);
    outbox_.dropRecorded(conversation);
    for (const auto& item : items) outbox_.discard(item.request);
    return true;
}

void AgentClient::onConnected(bool connected) {
    if (connected) {
        // The first time, the subscriptions come first: see onGranted().
        if (connection_ == Connection::reconnecting) onGranted();
        return;
    }
    statusTimer_.stop();
    sweepTimer_.stop();
    roleTimer_.stop();
    queue_.markStale();
    for (auto* open : conversations_.all()) open->markStale();
    if (connection_ == Connection::online) setConnection(Connection::reconnecting);
}

void AgentClient::onGranted() {
    tellStatus();
    sweepTimer_.start(timing_.staleSweep);
    const bool first = connection_ == Connection::connecting;
    setConnection(Connection::online);
    roleAttempt_ = 0;
    // A broker that restarts brings every desk back at once.
    roleTimer_.start(first ? std::chrono::milliseconds(0) : backoff(timing_, kRoleSpread));
    if (first) Q_EMIT signedIn();
}

void AgentClient::onMessage(const bus::Message& message) {
    const auto topic = topics::parse(message.topic);
    if (!topic) return;
    std::visit(Overloaded{
                   [&](const topics::Reply&) { rpc_.onReply(message); },
                   [&](const topics::Queue& queue) { onQueue(queue, message); },
                   [&](const topics::AssignedTo& to) { onAssignedTo(to, message); },
                   [&](const topics::Status&) { onOwnStatus(message); },
                   [&](const topics::Department& department) { onDepartment(department, message); },
                   [&](const auto&) { onConversationMessage(*topic, message); },
               },
               *topic);
}

void AgentClient::onQueue(const topics::Queue& topic, const bus::Message& message) {
    if (message.payload.empty()) {
        queue_.remove(topic.conversation);
    } else if (const auto entry = decode<v1::QueueEntry>(message.payload)) {
        queue_.put(topic.department, topic.conversation, *entry);
    }
}

void AgentClient::onAssignedTo(const topics::AssignedTo& topic, const bus::Message& message) {
    Conversation* open = conversations_.find(topic.conversation);
    if (message.payload.empty()) {
        if (open) open->onReleased();
        boundIdle();
        return;
    }
    const auto assignment = decode<v1::Assignment>(message.payload);
    // An offer is answered from the queue, where the conversation still stands.
    if (!assignment || assignment->offered()) return;
    const bool ours = open && open->isOurs();
    if (!open) open = &openConversation(topic.conversation);
    open->onAssignment(*assignment);
    if (!ours) Q_EMIT assigned(topic.conversation);
}

void AgentClient::onOwnStatus(const bus::Message& message) {
    const auto status = decode<v1::AgentStatus>(message.payload);
    if (!status || status->state() != v1::AgentStatus::STATE_OFFLINE || message.retain) return;
    // The will of an earlier program of ours that lost its power: the broker noticed only now. Or
    // this agent signed out at another computer. We are here all the same.
    if (connection_ == Connection::online) tellStatus();
}

void AgentClient::onDepartment(const topics::Department& topic, const bus::Message& message) {
    if (message.payload.empty()) {
        departments_.erase(topic.department);
    } else if (const auto state = decode<v1::DepartmentState>(message.payload)) {
        departments_[topic.department] = *state;
    }
    Q_EMIT departmentsChanged();
}

void AgentClient::onConversationMessage(const topics::Topic& topic, const bus::Message& message) {
    // Bytes that do not parse are no news; the cursor rule finds what they should have been.
    const auto forConversation = [&](const ConversationId& id, auto&& use) {
        if (auto* open = conversations_.find(id)) use(*open);
    };
    std::visit(
        Overloaded{
            [&](const topics::SharedLog& log) {
                const auto event = decode<v1::Event>(message.payload);
                if (!event || message.payload.empty()) return;
                forConversation(log.conversation, [&](auto& open) { open.onSharedEvent(*event); });
            },
            [&](const topics::StaffLog& log) {
                const auto event = decode<v1::Event>(message.payload);
                if (!event || message.payload.empty()) return;
                forConversation(log.conversation, [&](auto& open) { open.onStaffEvent(*event); });
            },
            [&](const topics::LiveIn& in) {
                const auto live = decode<v1::Live>(message.payload);
                if (!live) return;
                forConversation(in.conversation, [&](auto& open) { open.onVisitorLive(*live); });
            },
            [&](const topics::PresenceIn& in) {
                if (message.payload.empty()) {
                    forConversation(in.conversation, [](auto& open) { open.forgetPresence(); });
                    return;
                }
                const auto presence = decode<v1::Presence>(message.payload);
                if (!presence) return;
                // A retained lease comes with what is left of it.
                const auto lease = message.expiry.count() > 0 ? message.expiry : kPresenceLease;
                forConversation(in.conversation,
                                [&](auto& open) { open.onPresence(*presence, lease); });
            },
            [](const auto&) {},
        },
        topic);
}

void AgentClient::onFailed(const OutboxItem& item) {
    if (item.draft.has_accept()) {
        queue_.setAccepting(item.conversation, false);
        Q_EMIT acceptFailed(item.conversation, *item.failure);
    } else if (item.isCommand()) {
        Q_EMIT commandFailed(item);
    } else if (item.isLasting()) {
        Q_EMIT failed(item);
    }
}

void AgentClient::sweepStale() {
    queue_.dropStale();
    for (auto* open : conversations_.all()) {
        if (open->isStale()) open->onReleased();
    }
}

void AgentClient::boundIdle() {
    std::vector<Conversation*> idle = conversations_.all();
    std::erase_if(idle, [](const auto* each) { return each->isOurs(); });
    std::sort(idle.begin(), idle.end(),
              [](const auto* a, const auto* b) { return a->lastAtMs() < b->lastAtMs(); });
    for (std::size_t i = 0; i + kMaxIdle < idle.size(); ++i) {
        // What failed to be sent stays until a person has seen to it.
        if (outbox_.items(idle[i]->id()).empty()) dismiss(idle[i]->id());
    }
}

void AgentClient::setConnection(Connection connection) {
    if (connection_ == connection) return;
    connection_ = connection;
    Q_EMIT connectionChanged();
}

Conversation& AgentClient::openConversation(const ConversationId& id) {
    auto made =
        std::make_unique<Conversation>(Workshop{link_, rpc_, outbox_, identity_, timing_}, id);
    Conversation& open = conversations_.add(std::move(made));
    open.open();
    return open;
}

}  // namespace parlor::agent
