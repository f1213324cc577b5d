#include "agent-desktop/headless/commander.h"

#include <unistd.h>

#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <array>
#include <cerrno>

#include "agent-desktop/headless/reporter.h"

namespace parlor::agent {
namespace {

constexpr qsizetype kMaxLineBytes = 1024 * 1024;

}  // namespace

Commander::Commander(AgentClient& client, QObject* parent)
    : QObject(parent), client_(client), notifier_(STDIN_FILENO, QSocketNotifier::Read) {
    connect(&notifier_, &QSocketNotifier::activated, this, &Commander::onReadable);
}

void Commander::onReadable() {
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0 || buffer_.size() > kMaxLineBytes) {
        notifier_.setEnabled(false);
        Q_EMIT ended();
        return;
    }
    buffer_.append(chunk.data(), count);
    for (qsizetype end = buffer_.indexOf('\n'); end >= 0; end = buffer_.indexOf('\n')) {
        const QByteArray line = buffer_.left(end).trimmed();
        buffer_.remove(0, end + 1);
        if (!line.isEmpty()) obey(line);
    }
}

void Commander::obey(const QByteArray& line) {
    const QJsonObject command = QJsonDocument::fromJson(line).object();
    const QString verb = command["do"].toString();
    QString problem;
    if (verb == "quit") {
        Q_EMIT quit();
    } else if (verb == "status") {
        problem = setStatus(command["state"].toString());
    } else {
        problem = obeyConversation(verb, command);
    }
    if (!problem.isEmpty()) Reporter::write({{"on", "error"}, {"text", problem}});
}

QString Commander::obeyConversation(const QString& verb, const QJsonObject& command) {
    const auto id = ConversationId::parse(command["conversation"].toString().toStdString());
    if (!id) return QString::fromStdString(id.error().text);
    if (verb == "accept") {
        client_.accept(*id);
        return {};
    }
    if (verb == "take_over") {
        client_.takeOver(*id);
        return {};
    }
    Conversation* open = client_.conversations().find(*id);
    if (!open) return "no such conversation is open: " + QString::fromStdString(id->str());
    if (verb == "typing") {
        open->typing().typed();
    } else if (verb == "read") {
        open->markRead();
    } else if (verb == "close") {
        client_.close(*id, command["reason"].toString());
    } else if (verb == "say" || verb == "note") {
        const auto sent = client_.send(*id, command["text"].toString(),
                                       verb == "say" ? Audience::everybody : Audience::staff);
        if (!sent) return QString::fromStdString(sent.error().text);
        Reporter::write({{"on", "sending"},
                         {"conversation", QString::fromStdString(id->str())},
                         {"request_id", QString::fromStdString(sent->str())}});
    } else {
        return "no such command: " + verb;
    }
    return {};
}

QString Commander::setStatus(const QString& state) {
    static const QHash<QString, v1::AgentStatus::State> kStates{
        {"online", v1::AgentStatus::STATE_ONLINE},
        {"away", v1::AgentStatus::STATE_AWAY},
        {"busy", v1::AgentStatus::STATE_BUSY}};
    const auto found = kStates.find(state);
    if (found == kStates.end()) return "no such state: " + state;
    client_.setStatus(*found);
    return {};
}

}  // namespace parlor::agent
