#include "ledger/store/sql_directory.h"

#include <optional>

#include "ledger/store/sql_rows.h"
#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }

std::uint64_t readVersion(SqlSession& session) {
    Numbers values;
    session.runOnce("select_meta", std::tuple(std::string("directory")), std::tie(values));
    if (values.empty()) throw Poco::DataFormatException("the database has no directory version");
    return toUnsigned(values.front());
}

// The row stays locked until the end: changes come one after the other.
std::uint64_t raiseVersion(SqlSession& session) {
    session.runOnce("raise_meta", std::tuple(std::string("directory")), std::tuple<>());
    return readVersion(session);
}

std::optional<std::uint64_t> readEntryVersion(SqlSession& session, const EntryKey& key) {
    Numbers versions;
    session.runOnce(
        "select_directory_version",
        std::tuple(key.site.str(), static_cast<Poco::Int64>(key.kind), std::string(key.id)),
        std::tie(versions));
    if (versions.empty()) return std::nullopt;
    return toUnsigned(versions.front());
}

void deleteEntry(SqlSession& session, const EntryKey& key) {
    session.runOnce(
        "delete_directory",
        std::tuple(key.site.str(), static_cast<Poco::Int64>(key.kind), std::string(key.id)),
        std::tuple<>());
}

}  // namespace

void writeDeed(SqlSession& session, const Deed& deed) {
    if (deed.action.empty()) return;
    session.runOnce("insert_audit",
                    std::tuple(Ulid::generate().str(), deed.site.str(), std::string(deed.actor),
                               std::string(deed.action), std::string(deed.target)),
                    std::tuple<>());
}

Expected<std::uint64_t> SqlDirectory::version() {
    return readFrom(connection_, [](SqlSession& session) { return readVersion(session); });
}

Expected<DirectoryState> SqlDirectory::all() {
    return readFrom(connection_, [](SqlSession& session) {
        DirectoryState state;
        // The version first: what is changed in between is then read again, never missed.
        state.version = readVersion(session);
        Texts site;
        Numbers kind;
        Texts id;
        Numbers version;
        Blobs entry;
        session.runOnce("select_directory", std::tuple<>(),
                        std::tie(site, kind, id, version, entry));
        for (std::size_t i = 0; i < id.size(); ++i) {
            state.entries.push_back(
                {{toId<SiteId>(site[i]), static_cast<EntryKind>(kind[i]), id[i]},
                 toUnsigned(version[i]),
                 toBytes(entry[i])});
        }
        return state;
    });
}

Expected<std::uint64_t> SqlDirectory::save(const EntryKey& key, const std::string& bytes,
                                           std::uint64_t ifVersion, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<std::uint64_t> {
        const std::uint64_t version = raiseVersion(session);
        if (ifVersion != 0 && readEntryVersion(session, key) != ifVersion) {
            return Error{Errc::conflict, key.id + " has been changed since"};
        }
        deleteEntry(session, key);
        session.runOnce(
            "insert_directory",
            std::tuple(key.site.str(), static_cast<Poco::Int64>(key.kind), std::string(key.id),
                       static_cast<Poco::Int64>(version), toBlob(bytes)),
            std::tuple<>());
        writeDeed(session, deed);
        return version;
    });
}

Expected<std::uint64_t> SqlDirectory::remove(const EntryKey& key, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<std::uint64_t> {
        const std::uint64_t version = raiseVersion(session);
        if (!readEntryVersion(session, key)) return Error{Errc::notFound, "no such entry"};
        deleteEntry(session, key);
        writeDeed(session, deed);
        return version;
    });
}

Expected<void> SqlDirectory::note(const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        writeDeed(session, deed);
        return {};
    });
}

Expected<std::vector<AuditEntry>> SqlDirectory::audit(const SiteId& site, const Ulid& before,
                                                      std::uint32_t limit) {
    constexpr const char* kLast = "~";  // after every ULID
    return readFrom(connection_, [&](SqlSession& session) {
        Texts id;
        Texts actor;
        Texts action;
        Texts target;
        session.runOnce("select_audit",
                        std::tuple(site.str(), before.isNone() ? std::string(kLast) : before.str(),
                                   static_cast<Poco::Int64>(limit)),
                        std::tie(id, actor, action, target));
        std::vector<AuditEntry> entries;
        for (std::size_t i = 0; i < id.size(); ++i) {
            entries.push_back({toId<Ulid>(id[i]), {site, actor[i], action[i], target[i]}});
        }
        return entries;
    });
}

}  // namespace parlor::ledger
