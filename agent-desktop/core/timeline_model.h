#pragma once

#include <QAbstractListModel>
#include <vector>

#include "agent-desktop/core/timeline_entry.h"

namespace parlor::agent {

// A conversation's lines: both streams' events merged, then what is still in the outbox.
class TimelineModel : public QAbstractListModel {
    Q_OBJECT

 public:
    enum Role {
        TextRole = Qt::UserRole,
        KindRole,         // int of TimelineEntry::Kind
        FromRole,         // int of TimelineEntry::From
        AuthorRole,       // QString
        AtRole,           // qint64, Unix milliseconds
        DeliveryRole,     // int of TimelineEntry::Delivery
        RequestIdRole,    // QString
        StartsDayRole,    // bool: the line before is of another day, here
        StartsGroupRole,  // bool: another speaker than the line before, or minutes later
    };

    explicit TimelineModel(Identity me, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    // Nullptr for an index that is not of this model. Valid until the model changes.
    const TimelineEntry* entry(const QModelIndex& index) const;
    const std::vector<TimelineEntry>& entries() const { return entries_; }

    // A shown event, each once; makes a line where isShown().
    void addEvent(const v1::Event& event);
    // The visitor has seen all shared events up to `seq`.
    void setSeenUpTo(quint64 seq);
    // Forgets the events of one stream, or of the other; what is pending stays.
    void clearEvents(bool staff);
    // Adds or changes the line of an outbox item.
    void setPending(const OutboxItem& item);
    void removePending(const RequestId& request);

 private:
    void insert(std::size_t row, TimelineEntry entry);
    void remove(std::size_t row);
    void touch(std::size_t row);

    const Identity me_;
    std::vector<TimelineEntry> entries_;
    std::size_t events_ = 0;  // entries_[0 … events_) are events, the rest is pending
    quint64 seenUpTo_ = 0;
};

}  // namespace parlor::agent
