#include "agent-desktop/core/queue_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace parlor::agent {
namespace {

bool earlier(const QueueModel::Entry& a, const QueueModel::Entry& b) {
    const auto placeOf = [](const QueueModel::Entry& entry) {
        return std::tuple(-std::int64_t{entry.state.priority()}, entry.state.waiting_since_ms(),
                          entry.conversation);
    };
    return placeOf(a) < placeOf(b);
}

}  // namespace

int QueueModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(entries_.size());
}

QVariant QueueModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Entry& entry = entries_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case ConversationRole:
            return QString::fromStdString(entry.conversation.str());
        case DepartmentRole:
            return QString::fromStdString(entry.department.str());
        case Qt::DisplayRole:
        case VisitorRole:
            return QString::fromStdString(entry.state.visitor_name());
        case PreviewRole:
            return QString::fromStdString(entry.state.preview());
        case WaitingSinceRole:
            return static_cast<qint64>(entry.state.waiting_since_ms());
        case AcceptingRole:
            return entry.accepting;
        case OfferedToRole:
            return QString::fromStdString(entry.state.offered_to());
        case PriorityRole:
            return static_cast<int>(entry.state.priority());
        default:
            return {};
    }
}

const QueueModel::Entry* QueueModel::find(const ConversationId& conversation) const {
    const auto at = row(conversation);
    return at < 0 ? nullptr : &entries_[static_cast<std::size_t>(at)];
}

void QueueModel::put(const DepartmentId& department, const ConversationId& conversation,
                     const v1::QueueEntry& state) {
    Entry entry{conversation, department, state};
    const auto at = row(conversation);
    if (at >= 0) {
        const Entry& old = entries_[static_cast<std::size_t>(at)];
        if (old.state.waiting_since_ms() == state.waiting_since_ms()) {
            entry.accepting = old.accepting;
            replace(at, std::move(entry));
            return;
        }
        remove(conversation);
    }
    const auto before = std::upper_bound(entries_.begin(), entries_.end(), entry, earlier);
    const int to = static_cast<int>(before - entries_.begin());
    beginInsertRows({}, to, to);
    entries_.insert(before, std::move(entry));
    endInsertRows();
    Q_EMIT entryAdded(conversation);
}

void QueueModel::replace(std::ptrdiff_t at, Entry entry) {
    const auto was = entries_.begin() + at;
    const auto to = std::count_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
        return other.conversation != entry.conversation && earlier(other, entry);
    });
    *was = std::move(entry);
    if (to != at) {
        const auto from = static_cast<int>(at);
        beginMoveRows({}, from, from, {}, static_cast<int>(to > at ? to + 1 : to));
        const auto place = entries_.begin() + to;
        if (to > at) {
            std::rotate(was, was + 1, place + 1);
        } else {
            std::rotate(place, was, was + 1);
        }
        endMoveRows();
    }
    const QModelIndex changed = index(static_cast<int>(to));
    Q_EMIT dataChanged(changed, changed);
}

void QueueModel::remove(const ConversationId& conversation) {
    const auto at = row(conversation);
    if (at < 0) return;
    beginRemoveRows({}, static_cast<int>(at), static_cast<int>(at));
    entries_.erase(entries_.begin() + at);
    endRemoveRows();
    Q_EMIT entryRemoved(conversation);
}

void QueueModel::setAccepting(const ConversationId& conversation, bool accepting) {
    const auto at = row(conversation);
    if (at < 0) return;
    entries_[static_cast<std::size_t>(at)].accepting = accepting;
    const QModelIndex changed = index(static_cast<int>(at));
    Q_EMIT dataChanged(changed, changed);
}

void QueueModel::markStale() {
    for (auto& entry : entries_) entry.stale = true;
}

void QueueModel::dropStale() {
    const std::vector<Entry> before = entries_;
    for (const auto& entry : before) {
        if (entry.stale) remove(entry.conversation);
    }
}

std::ptrdiff_t QueueModel::row(const ConversationId& conversation) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.conversation == conversation;
    });
    return found == entries_.end() ? -1 : found - entries_.begin();
}

}  // namespace parlor::agent
