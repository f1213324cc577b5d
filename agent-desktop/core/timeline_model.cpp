#include "agent-desktop/core/timeline_model.h"

#include <QDateTime>
#include <algorithm>
#include <tuple>
#include <utility>

namespace parlor::agent {
namespace {

constexpr qint64 kGroupMs = 5 * 60 * 1000;

auto place(const TimelineEntry& entry) {
    return std::make_tuple(entry.shared, entry.staff, entry.seq);
}

QDate dayOf(const TimelineEntry& entry) {
    return QDateTime::fromMSecsSinceEpoch(entry.atMs).date();
}

}  // namespace

TimelineModel::TimelineModel(Identity me, QObject* parent)
    : QAbstractListModel(parent), me_(std::move(me)) {}

int TimelineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(entries_.size());
}

const TimelineEntry* TimelineModel::entry(const QModelIndex& index) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return nullptr;
    return &entries_[static_cast<std::size_t>(index.row())];
}

QVariant TimelineModel::data(const QModelIndex& index, int role) const {
    const TimelineEntry* line = entry(index);
    if (!line) return {};
    const TimelineEntry* before =
        index.row() > 0 ? &entries_[static_cast<std::size_t>(index.row()) - 1] : nullptr;
    switch (role) {
        case Qt::DisplayRole:
        case TextRole:
            return line->text;
        case KindRole:
            return static_cast<int>(line->kind);
        case FromRole:
            return static_cast<int>(line->from);
        case AuthorRole:
            return line->author;
        case AtRole:
            return line->atMs;
        case DeliveryRole:
            return static_cast<int>(line->delivery);
        case RequestIdRole:
            return line->requestId;
        case StartsDayRole:
            return !before || dayOf(*before) != dayOf(*line);
        case StartsGroupRole:
            return !before || !before->isBubble() || before->from != line->from ||
                   before->author != line->author || dayOf(*before) != dayOf(*line) ||
                   line->atMs - before->atMs > kGroupMs;
        default:
            return {};
    }
}

void TimelineModel::addEvent(const v1::Event& event) {
    if (!isShown(event)) return;
    TimelineEntry entry = entryOf(event, me_);
    if (entry.delivery == TimelineEntry::Delivery::recorded && !entry.staff &&
        entry.seq <= seenUpTo_) {
        entry.delivery = TimelineEntry::Delivery::seen;
    }
    const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(events_);
    const auto at = std::upper_bound(
        entries_.begin(), end, entry,
        [](const TimelineEntry& a, const TimelineEntry& b) { return place(a) < place(b); });
    insert(static_cast<std::size_t>(at - entries_.begin()), std::move(entry));
    ++events_;
}

void TimelineModel::setSeenUpTo(quint64 seq) {
    if (seq <= seenUpTo_) return;
    seenUpTo_ = seq;
    for (std::size_t row = 0; row < events_; ++row) {
        TimelineEntry& line = entries_[row];
        if (line.delivery == TimelineEntry::Delivery::recorded && !line.staff && line.seq <= seq) {
            line.delivery = TimelineEntry::Delivery::seen;
            touch(row);
        }
    }
}

void TimelineModel::clearEvents(bool staff) {
    if (!staff) seenUpTo_ = 0;
    for (std::size_t row = events_; row-- > 0;) {
        if (entries_[row].staff != staff) continue;
        --events_;
        remove(row);
    }
}

void TimelineModel::setPending(const OutboxItem& item) {
    if (!item.isLasting()) return;
    TimelineEntry entry = entryOf(item, me_);
    for (std::size_t row = events_; row < entries_.size(); ++row) {
        if (entries_[row].requestId != entry.requestId) continue;
        entries_[row] = std::move(entry);
        touch(row);
        return;
    }
    insert(entries_.size(), std::move(entry));
}

void TimelineModel::removePending(const RequestId& request) {
    const QString id = QString::fromStdString(request.str());
    for (std::size_t row = events_; row < entries_.size(); ++row) {
        if (entries_[row].requestId != id) continue;
        remove(row);
        return;
    }
}

void TimelineModel::insert(std::size_t row, TimelineEntry entry) {
    const int at = static_cast<int>(row);
    beginInsertRows({}, at, at);
    entries_.insert(entries_.begin() + at, std::move(entry));
    endInsertRows();
    // Whether the next line starts a day or a group may have changed.
    if (row + 1 < entries_.size()) touch(row + 1);
}

void TimelineModel::remove(std::size_t row) {
    const int at = static_cast<int>(row);
    beginRemoveRows({}, at, at);
    entries_.erase(entries_.begin() + at);
    endRemoveRows();
    if (row < entries_.size()) touch(row);
}

void TimelineModel::touch(std::size_t row) {
    const QModelIndex at = index(static_cast<int>(row));
    Q_EMIT dataChanged(at, at);
}

}  // namespace parlor::agent
