#pragma once

#include <QAbstractListModel>
#include <vector>

#include "proto/codec.h"

namespace parlor::agent {

// Waiting conversations: the greatest priority first, then the longest wait.
class QueueModel : public QAbstractListModel {
    Q_OBJECT

 public:
    enum Role {
        ConversationRole = Qt::UserRole,  // QString
        DepartmentRole,                   // QString
        VisitorRole,                      // QString, may be empty
        PreviewRole,                      // QString
        WaitingSinceRole,                 // qint64, Unix milliseconds
        AcceptingRole,                    // bool: we asked for it, no answer yet
        OfferedToRole,                    // QString: the only agent who can accept; empty: anybody
        PriorityRole,                     // int, 0..9
    };
    struct Entry {
        ConversationId conversation;
        DepartmentId department;
        v1::QueueEntry state;
        bool accepting = false;
        bool stale = false;  // not confirmed since the connection came back
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    const std::vector<Entry>& entries() const { return entries_; }
    const Entry* find(const ConversationId& conversation) const;

    void put(const DepartmentId& department, const ConversationId& conversation,
             const v1::QueueEntry& state);
    void remove(const ConversationId& conversation);
    void setAccepting(const ConversationId& conversation, bool accepting);

    // What was cleared while we were away is never said to us. So: the connection was lost …
    void markStale();
    // … and came back, and its retained entries have arrived: drops the others.
    void dropStale();

 Q_SIGNALS:
    void entryAdded(const parlor::ConversationId& conversation);
    void entryRemoved(const parlor::ConversationId& conversation);

 private:
    std::ptrdiff_t row(const ConversationId& conversation) const;  // -1: none
    void replace(std::ptrdiff_t at, Entry entry);

    std::vector<Entry> entries_;  // by priority, waiting_since_ms, then id
};

}  // namespace parlor::agent
