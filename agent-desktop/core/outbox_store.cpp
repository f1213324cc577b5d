#include "agent-desktop/core/outbox_store.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace parlor::agent {
namespace {

constexpr int kVersion = 1;

QJsonObject toJson(const OutboxItem& item) {
    QJsonObject json{
        {"conversation", QString::fromStdString(item.conversation.str())},
        {"draft", QString::fromLatin1(QByteArray::fromStdString(encode(item.draft)).toBase64())},
        {"created_at_ms", item.createdAtMs}};
    if (item.failure) {
        json["failure"] = QJsonObject{{"code", static_cast<int>(item.failure->code)},
                                      {"text", QString::fromStdString(item.failure->text)}};
    }
    return json;
}

Expected<OutboxItem> fromJson(const QJsonObject& json) {
    auto conversation = ConversationId::parse(json["conversation"].toString().toStdString());
    if (!conversation) return conversation.error();
    auto draft = decode<v1::Draft>(
        QByteArray::fromBase64(json["draft"].toString().toLatin1()).toStdString());
    if (!draft) return draft.error();
    auto request = RequestId::parse(draft->request_id());
    if (!request) return request.error();

    OutboxItem item{*conversation, *request, *draft, json["created_at_ms"].toInteger()};
    if (json.contains("failure")) {
        const QJsonObject failure = json["failure"].toObject();
        const int code = failure["code"].toInt();
        const bool known =
            code >= static_cast<int>(Errc::malformed) && code <= static_cast<int>(Errc::internal);
        item.state = OutboxItem::State::failed;
        item.failure = Error{known ? static_cast<Errc>(code) : Errc::internal,
                             failure["text"].toString().toStdString()};
    }
    return item;
}

QString fileName(const SiteId& site, const AgentId& agent) {
    // No site holds a dot, so the pair reads back unmistakably.
    return QString::fromStdString(site.str() + "." + agent.str() + ".outbox");
}

Error fileError(const QString& what, const QString& path, const QString& why) {
    return {Errc::unavailable, (what + " " + path + ": " + why).toStdString()};
}

}  // namespace

OutboxStore::OutboxStore(const QString& directory, const SiteId& site, const AgentId& agent)
    : directory_(directory), path_(QDir(directory).filePath(fileName(site, agent))) {}

Expected<void> OutboxStore::open() {
    if (!QDir().mkpath(directory_)) return fileError("cannot make", directory_, "not permitted");
    lock_ = std::make_unique<QLockFile>(path_ + ".lock");
    lock_->setStaleLockTime(0);  // a lock is stale when its process is gone, never by age
    if (lock_->tryLock()) return {};
    const bool held = lock_->error() == QLockFile::LockFailedError;
    lock_.reset();
    if (held) return Error{Errc::conflict, "this agent is signed in already on this computer"};
    return fileError("cannot write in", directory_, "not permitted");
}

Expected<std::vector<OutboxItem>> OutboxStore::load() {
    QFile file(path_);
    if (!file.exists()) return std::vector<OutboxItem>();
    if (!file.open(QIODevice::ReadOnly)) return fileError("cannot read", path_, file.errorString());
    const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
    file.close();

    bool sound = root["version"].toInt() == kVersion && root["drafts"].isArray();
    std::vector<OutboxItem> items;
    for (const auto& json : root["drafts"].toArray()) {
        auto item = fromJson(json.toObject());
        sound = sound && item.has_value();
        if (item) items.push_back(std::move(*item));
    }
    if (sound) return items;
    const QString aside = path_ + ".broken";
    QFile::remove(aside);
    QFile::rename(path_, aside);
    return Error{Errc::malformed,
                 ("unsent messages could not be read; the file is kept as " + aside).toStdString()};
}

Expected<void> OutboxStore::save(const std::vector<OutboxItem>& items) {
    QJsonArray drafts;
    for (const auto& item : items) drafts.append(toJson(item));
    const QByteArray bytes =
        QJsonDocument(QJsonObject{{"version", kVersion}, {"drafts", drafts}}).toJson();

    QSaveFile file(path_);
    const bool written = file.open(QIODevice::WriteOnly) &&
                         file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) &&
                         file.write(bytes) == bytes.size() && file.commit();
    if (!written) return fileError("cannot write", path_, file.errorString());
    return {};
}

}  // namespace parlor::agent
