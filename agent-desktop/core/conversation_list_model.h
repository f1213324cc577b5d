#pragma once

#include <QAbstractListModel>
#include <memory>
#include <vector>

#include "agent-desktop/core/conversation.h"

namespace parlor::agent {

// The conversations this agent has open, those held first, oldest first: the order does not change
// under the hand that reaches for one. Owns them.
class ConversationListModel : public QAbstractListModel {
    Q_OBJECT

 public:
    enum Role {
        ConversationRole = Qt::UserRole,  // QString
        VisitorRole,                      // QString, may be empty
        LastTextRole,                     // QString
        LastAtRole,                       // qint64, Unix milliseconds; 0: nothing yet
        UnreadRole,                       // int
        PhaseRole,                        // int of Conversation::Phase
        PresenceRole,                     // int of Conversation::Presence
        TypingRole,                       // bool: the visitor types
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

    Conversation& add(std::unique_ptr<Conversation> conversation);
    void remove(const ConversationId& id);
    Conversation* find(const ConversationId& id) const;  // nullptr: none
    Conversation* at(int row) const;                     // nullptr: out of range
    std::vector<Conversation*> all() const;
    int totalUnread() const;

 private:
    void onChanged(Conversation& conversation);
    int row(const ConversationId& id) const;  // -1: none

    std::vector<std::unique_ptr<Conversation>> conversations_;
};

}  // namespace parlor::agent
