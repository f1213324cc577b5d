#include "agent-desktop/headless/demo_agent.h"

#include <algorithm>

namespace parlor::agent {
namespace {

using From = TimelineEntry::From;

constexpr std::chrono::milliseconds kPause{1200};       // until an answer is ready
constexpr std::chrono::milliseconds kPerCharacter{15};  // longer answers take longer
constexpr std::chrono::milliseconds kLongestPause{4000};
constexpr std::chrono::milliseconds kAcceptAgain{5000};  // after a refusal, while it still waits

// The visitor's newest text, should the agent owe an answer to it.
const TimelineEntry* unanswered(const std::vector<TimelineEntry>& lines) {
    const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const auto& line) {
        return line.kind == TimelineEntry::Kind::message;
    });
    return last != lines.rend() && last->from == From::visitor ? &*last : nullptr;
}

bool hasSpoken(const std::vector<TimelineEntry>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const auto& line) {
        return line.kind == TimelineEntry::Kind::message && line.from == From::me;
    });
}

}  // namespace

DemoAgent::DemoAgent(AgentClient& client, QObject* parent) : QObject(parent), client_(client) {
    connect(&client.queue(), &QueueModel::entryAdded, this, &DemoAgent::acceptAll);
    connect(&client, &AgentClient::connectionChanged, this, &DemoAgent::acceptAll);
    connect(&client, &AgentClient::acceptFailed, this,
            [this] { QTimer::singleShot(kAcceptAgain, this, &DemoAgent::acceptAll); });
    connect(&client.conversations(), &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex&, int first, int) {
                onConversationAdded(*client_.conversations().at(first));
            });
}

void DemoAgent::acceptAll() {
    if (client_.connection() != AgentClient::Connection::online) return;
    const std::vector<QueueModel::Entry> waiting = client_.queue().entries();
    for (const auto& entry : waiting) {
        if (!entry.accepting) client_.accept(entry.conversation);
    }
}

void DemoAgent::onConversationAdded(Conversation& conversation) {
    Conversation* added = &conversation;
    connect(added, &Conversation::changed, this, [this, added] { consider(*added); });
}

void DemoAgent::consider(Conversation& conversation) {
    const bool ours = conversation.phase() == Conversation::Phase::held;
    if (!ours) thinking_.erase(conversation.id());
    // Only the whole record tells whether an answer is owed: this program may have been restarted.
    if (!ours || !conversation.isComplete() || thinking_.contains(conversation.id())) return;
    const auto& lines = conversation.timeline().entries();
    if (hasSpoken(lines) && !unanswered(lines)) return;

    std::chrono::milliseconds pause = kPause;
    if (const auto* line = unanswered(lines)) pause += kPerCharacter * line->text.size();
    pause = std::min(pause, kLongestPause);
    conversation.markRead();
    conversation.typing().typed();
    auto& timer = thinking_[conversation.id()];
    timer = std::make_unique<QTimer>();
    timer->setSingleShot(true);
    connect(timer.get(), &QTimer::timeout, this, [this, id = conversation.id()] {
        thinking_.extract(id).mapped().release()->deleteLater();  // it is the caller
        if (auto* open = client_.conversations().find(id)) answer(*open);
    });
    timer->start(pause);
}

void DemoAgent::answer(Conversation& conversation) {
    if (conversation.phase() != Conversation::Phase::held) return;
    const auto& lines = conversation.timeline().entries();
    const auto* line = unanswered(lines);
    const QString said = line ? line->text : QString();
    const QString locale = QString::fromStdString(conversation.visitor().locale());
    QString reply;
    if (!hasSpoken(lines)) {
        reply = replies_.greeting(conversation.visitorName(), said, locale);
    } else if (line) {
        reply = replies_.answer(said, locale);
    }
    if (reply.isEmpty()) return;
    conversation.markRead();
    client_.send(conversation.id(), reply, Audience::everybody);
}

}  // namespace parlor::agent
