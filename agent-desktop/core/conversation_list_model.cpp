#include "agent-desktop/core/conversation_list_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace parlor::agent {
namespace {

bool standsBefore(const Conversation& a, const Conversation& b) {
    const auto rank = [](const Conversation& each) {
        return std::make_tuple(each.phase() != Conversation::Phase::held, each.id());
    };
    return rank(a) < rank(b);
}

}  // namespace

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(conversations_.size());
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Conversation& each = *conversations_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case ConversationRole:
            return QString::fromStdString(each.id().str());
        case Qt::DisplayRole:
        case VisitorRole:
            return each.visitorName();
        case LastTextRole:
            return each.lastText();
        case LastAtRole:
            return each.lastAtMs();
        case UnreadRole:
            return each.unread();
        case PhaseRole:
            return static_cast<int>(each.phase());
        case PresenceRole:
            return static_cast<int>(each.presence());
        case TypingRole:
            return each.isVisitorTyping();
        default:
            return {};
    }
}

Conversation& ConversationListModel::add(std::unique_ptr<Conversation> conversation) {
    Conversation& added = *conversation;
    const auto before = std::find_if(conversations_.begin(), conversations_.end(),
                                     [&](const auto& each) { return standsBefore(added, *each); });
    const int to = static_cast<int>(before - conversations_.begin());
    beginInsertRows({}, to, to);
    conversations_.insert(before, std::move(conversation));
    endInsertRows();
    const auto changed = [this, &added] { onChanged(added); };
    connect(&added, &Conversation::changed, this, changed);
    connect(&added, &Conversation::presenceChanged, this, changed);
    connect(&added, &Conversation::visitorTypingChanged, this, changed);
    return added;
}

void ConversationListModel::remove(const ConversationId& id) {
    const int at = row(id);
    if (at < 0) return;
    beginRemoveRows({}, at, at);
    // Whoever shows it hears of the removal before it is gone.
    const std::unique_ptr<Conversation> gone =
        std::move(conversations_[static_cast<std::size_t>(at)]);
    conversations_.erase(conversations_.begin() + at);
    endRemoveRows();
}

Conversation* ConversationListModel::find(const ConversationId& id) const { return at(row(id)); }

Conversation* ConversationListModel::at(int row) const {
    if (row < 0 || row >= rowCount()) return nullptr;
    return conversations_[static_cast<std::size_t>(row)].get();
}

std::vector<Conversation*> ConversationListModel::all() const {
    std::vector<Conversation*> all;
    for (const auto& each : conversations_) all.push_back(each.get());
    return all;
}

int ConversationListModel::totalUnread() const {
    int total = 0;
    for (const auto& each : conversations_) total += each->unread();
    return total;
}

void ConversationListModel::onChanged(Conversation& conversation) {
    const int from = row(conversation.id());
    // Where it belongs among the others, should its phase have changed.
    int to = 0;
    for (const auto& each : conversations_) {
        if (each.get() != &conversation && standsBefore(*each, conversation)) ++to;
    }
    if (to != from) {
        beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
        auto moved = std::move(conversations_[static_cast<std::size_t>(from)]);
        conversations_.erase(conversations_.begin() + from);
        conversations_.insert(conversations_.begin() + to, std::move(moved));
        endMoveRows();
    }
    const QModelIndex at = index(to);
    Q_EMIT dataChanged(at, at);
}

int ConversationListModel::row(const ConversationId& id) const {
    const auto found = std::find_if(conversations_.begin(), conversations_.end(),
                                    [&](const auto& each) { return each->id() == id; });
    return found == conversations_.end() ? -1 : static_cast<int>(found - conversations_.begin());
}

}  // namespace parlor::agent
