#include "agent-desktop/headless/reporter.h"

#include <QJsonDocument>
#include <cstdio>
#include <memory>

namespace parlor::agent {
namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }
QString text(const ConversationId& id) { return text(id.str()); }

QJsonObject failureLine(const QString& on, const Error& error) {
    return {{"on", on},
            {"code", text(make_error_code(error.code).message())},
            {"text", text(error.text)}};
}

QString typeOf(const v1::Event& event) {
    const auto* field = v1::Event::descriptor()->FindFieldByNumber(event.body_case());
    return field ? text(field->name()) : QString("unknown");
}

QString kindOf(const v1::Party& party) {
    switch (party.kind()) {
        case v1::Party::KIND_VISITOR:
            return "visitor";
        case v1::Party::KIND_AGENT:
            return "agent";
        default:
            return "system";
    }
}

QString textOf(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kMessage:
            return text(event.message().text());
        case v1::Event::kNote:
            return text(event.note().text());
        case v1::Event::kClosed:
            return text(event.closed().reason());
        case v1::Event::kRating:
            return text(event.rating().comment());
        case v1::Event::kAssigned:
            return text(event.assigned().agent());
        case v1::Event::kTransferred:
            return text(event.transferred().to_agent());
        default:
            return {};
    }
}

QJsonObject eventLine(const v1::Event& event) {
    return {{"on", "event"},
            {"conversation", text(event.conversation())},
            {"stream", event.stream() == v1::STREAM_STAFF ? "staff" : "shared"},
            {"seq", static_cast<qint64>(event.seq())},
            {"epoch", static_cast<qint64>(event.epoch())},
            {"type", typeOf(event)},
            {"from", kindOf(event.author())},
            {"agent", text(event.author().id())},
            {"name", text(event.author().name())},
            {"text", textOf(event)},
            {"request_id", text(event.request_id())}};
}

QString presenceName(Conversation::Presence presence) {
    switch (presence) {
        case Conversation::Presence::here:
            return "here";
        case Conversation::Presence::away:
            return "away";
        case Conversation::Presence::unknown:
            return "unknown";
    }
    return {};
}

}  // namespace

Reporter::Reporter(AgentClient& client, QObject* parent) : QObject(parent), client_(client) {
    connect(&client, &AgentClient::connectionChanged, this, &Reporter::onConnection);
    connect(&client, &AgentClient::signInFailed, this,
            [](const Error& error) { write(failureLine("sign_in_failed", error)); });
    connect(&client, &AgentClient::trouble, this,
            [](const Error& error) { write(failureLine("trouble", error)); });
    connect(&client.queue(), &QueueModel::entryAdded, this, &Reporter::onQueued);
    connect(&client.queue(), &QueueModel::entryRemoved, this, [](const ConversationId& id) {
        write({{"on", "unqueued"}, {"conversation", text(id)}});
    });
    connect(
        &client.conversations(), &QAbstractItemModel::rowsInserted, this,
        [this](const QModelIndex&, int first, int) { watch(*client_.conversations().at(first)); });
    connect(&client, &AgentClient::assigned, this, [](const ConversationId& id) {
        write({{"on", "assigned"}, {"conversation", text(id)}});
    });
    connect(&client, &AgentClient::acceptFailed, this,
            [](const ConversationId& id, const Error& error) {
                QJsonObject line = failureLine("accept_failed", error);
                line["conversation"] = text(id);
                write(line);
            });
    connect(&client, &AgentClient::commandFailed, this, [](const OutboxItem& item) {
        QJsonObject line = failureLine("command_failed", *item.failure);
        line["conversation"] = text(item.conversation);
        write(line);
    });
    connect(&client, &AgentClient::recorded, this,
            [](const OutboxItem& item, const v1::Recorded& place) {
                if (!item.isLasting()) return;
                write({{"on", "sent"},
                       {"conversation", text(item.conversation)},
                       {"request_id", text(item.request.str())},
                       {"seq", static_cast<qint64>(place.seq())}});
            });
    connect(&client, &AgentClient::failed, this, [](const OutboxItem& item) {
        QJsonObject line = failureLine("failed", *item.failure);
        line["conversation"] = text(item.conversation);
        line["request_id"] = text(item.request.str());
        write(line);
    });
}

void Reporter::write(const QJsonObject& line) {
    const QByteArray bytes = QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(bytes.data(), 1, static_cast<std::size_t>(bytes.size()), stdout);
    std::fflush(stdout);
}

void Reporter::onConnection() {
    if (client_.connection() == AgentClient::Connection::online) {
        write({{"on", "connected"}});
    } else if (client_.connection() == AgentClient::Connection::reconnecting) {
        write({{"on", "disconnected"}});
    }
}

void Reporter::onQueued(const ConversationId& id) {
    const auto* entry = client_.queue().find(id);
    write({{"on", "queued"},
           {"conversation", text(id)},
           {"department", text(entry->department.str())},
           {"visitor", text(entry->state.visitor_name())},
           {"preview", text(entry->state.preview())}});
}

void Reporter::watch(Conversation& conversation) {
    Conversation* watched = &conversation;
    connect(watched, &Conversation::eventShown, this,
            [](const v1::Event& event) { write(eventLine(event)); });
    connect(watched, &Conversation::presenceChanged, this, [watched] {
        write({{"on", "presence"},
               {"conversation", text(watched->id())},
               {"state", presenceName(watched->presence())}});
    });
    // Told when it changes, not each time it is renewed.
    connect(watched, &Conversation::visitorTypingChanged, this,
            [watched, last = std::make_shared<bool>(false)] {
                if (watched->isVisitorTyping() == *last) return;
                *last = watched->isVisitorTyping();
                write({{"on", "typing"}, {"conversation", text(watched->id())}, {"active", *last}});
            });
    connect(watched, &Conversation::changed, this, [watched, held = std::make_shared<bool>(false)] {
        const bool before = std::exchange(*held, watched->isHeld());
        if (before && !watched->isHeld()) {
            write({{"on", "released"}, {"conversation", text(watched->id())}});
        }
    });
}

}  // namespace parlor::agent
