#pragma once

#include <QObject>
#include <QTimer>
#include <map>
#include <memory>

#include "agent-desktop/core/agent_client.h"
#include "agent-desktop/headless/demo_replies.h"

namespace parlor::agent {

// An agent by script: takes everybody who waits, greets, and answers each message, with a typing
// signal and a pause as a person would make, so that somebody alone can see a conversation.
class DemoAgent : public QObject {
    Q_OBJECT

 public:
    explicit DemoAgent(AgentClient& client, QObject* parent = nullptr);

 private:
    void acceptAll();
    void onConversationAdded(Conversation& conversation);
    void consider(Conversation& conversation);
    void answer(Conversation& conversation);

    AgentClient& client_;
    DemoReplies replies_;
    std::map<ConversationId, std::unique_ptr<QTimer>> thinking_;  // about to answer
};

}  // namespace parlor::agent
