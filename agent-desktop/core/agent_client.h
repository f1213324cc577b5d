#pragma once

#include <QObject>
#include <QTimer>
#include <map>
#include <memory>

#include "agent-desktop/core/actions/send_text.h"
#include "agent-desktop/core/actions/set_status.h"
#include "agent-desktop/core/actions/transfer.h"
#include "agent-desktop/core/conversation_list_model.h"
#include "agent-desktop/core/queue_model.h"

namespace parlor::agent {

// An agent at work: the whole client without a window. Lives on one Qt thread.
class AgentClient : public QObject {
    Q_OBJECT

 public:
    enum class Connection {
        signedOut,
        connecting,  // never yet signed in
        online,
        reconnecting,  // was online; the bus keeps trying
    };

    // `bus` has the will of offlineWill(identity) and is not started. The outbox lives in
    // `directory`.
    AgentClient(Identity identity, std::unique_ptr<bus::Bus> bus, const QString& directory,
                const Timing& timing = {}, QObject* parent = nullptr);
    // Signs out.
    ~AgentClient() override;

    // Starts connecting; signedIn() or signInFailed() follows. Fails at once as Outbox::open does.
    // Call once.
    Expected<void> signIn();
    // Tells everybody that we are gone, and stops. Waits up to Timing::stop. Idempotent.
    void signOut();

    const Identity& identity() const { return identity_; }
    Connection connection() const { return connection_; }
    // Takes over, and says who comes before whom. False until the ledger has told; it is asked
    // again after every reconnect.
    bool isSupervisor() const { return role_ >= v1::ROLE_SUPERVISOR; }
    v1::AgentStatus::State status() const { return status_.state; }
    QueueModel& queue() { return queue_; }
    ConversationListModel& conversations() { return conversations_; }
    const std::map<DepartmentId, v1::DepartmentState>& departments() const { return departments_; }

    // online, away or busy; told again after every reconnect, and renewed while connected.
    void setStatus(v1::AgentStatus::State status);
    // acceptFailed() or assigned() follows.
    void accept(const ConversationId& conversation);
    // What changes who has it, or comes before whom; the events tell, or commandFailed(). See the
    // actions.
    void decline(const ConversationId& conversation);
    Expected<RequestId> transfer(const ConversationId& conversation, const Destination& to,
                                 const QString& note);
    void takeOver(const ConversationId& conversation);
    void prioritize(const ConversationId& conversation, std::uint32_t priority);
    void join(const ConversationId& conversation);
    void leave(const ConversationId& conversation);
    Expected<RequestId> send(const ConversationId& conversation, const QString& text,
                             Audience audience);
    RequestId close(const ConversationId& conversation, const QString& reason);
    void retry(const RequestId& request) { outbox_.retry(request); }
    void discard(const RequestId& request) { outbox_.discard(request); }
    // A page of the conversations in which this agent took part: see listEarlier().
    void listEarlier(const std::string& before, QObject* context,
                     std::function<void(Expected<v1::ConversationsResponse>)> handler);
    // Puts a conversation on the list that is not ours any more, or never was; as it is where it
    // stands there.
    void show(const ConversationId& conversation);
    // Takes a conversation that is not ours any more off the list, with what failed in it. False
    // while it is ours or something of it is still being sent.
    bool dismiss(const ConversationId& conversation);

 Q_SIGNALS:
    void connectionChanged();
    void signedIn();
    // While connecting: forbidden (name or password) or unavailable (nobody there). Goes on trying.
    void signInFailed(const parlor::Error& error);
    void statusChanged();
    void roleChanged();
    void departmentsChanged();
    void assigned(const parlor::ConversationId& conversation);  // it is in conversations() now
    void acceptFailed(const parlor::ConversationId& conversation, const parlor::Error& error);
    // Of the commands but accept; item.failure says why.
    void commandFailed(const parlor::agent::OutboxItem& item);
    void recorded(const parlor::agent::OutboxItem& item, const parlor::v1::Recorded& place);
    void failed(const parlor::agent::OutboxItem& item);  // item.failure says why
    // Something a person should know: the disk refuses the outbox, the broker a subscription.
    void trouble(const parlor::Error& error);

 private:
    void connectParts();
    void onConnected(bool connected);
    void onGranted();
    void tellStatus();
    void learnRole();
    void onMessage(const bus::Message& message);
    void onQueue(const topics::Queue& topic, const bus::Message& message);
    void onAssignedTo(const topics::AssignedTo& topic, const bus::Message& message);
    void onOwnStatus(const bus::Message& message);
    void onDepartment(const topics::Department& topic, const bus::Message& message);
    void onConversationMessage(const topics::Topic& topic, const bus::Message& message);
    void onFailed(const OutboxItem& item);
    void sweepStale();
    void boundIdle();
    void setConnection(Connection connection);
    Conversation& openConversation(const ConversationId& id);

    // Conversations that are not ours any more and still shown; past it the oldest go.
    static constexpr std::size_t kMaxIdle = 30;

    const Identity identity_;
    const Timing timing_;
    BusLink link_;
    RpcClient rpc_;
    Outbox outbox_;
    QueueModel queue_;
    ConversationListModel conversations_;
    std::map<DepartmentId, v1::DepartmentState> departments_;
    Connection connection_ = Connection::signedOut;
    Status status_;
    QTimer statusTimer_;  // runs while online
    QTimer sweepTimer_;
    v1::Role role_ = v1::ROLE_AGENT;
    int roleAttempt_ = 0;  // since the connection came
    QTimer roleTimer_;     // runs until the next attempt
};

}  // namespace parlor::agent
