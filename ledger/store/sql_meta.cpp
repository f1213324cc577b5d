#include "ledger/store/sql_meta.h"

#include <optional>
#include <string>

#include "ledger/store/sql_rows.h"

namespace parlor::ledger {
namespace {

std::optional<Poco::Int64> readMeta(SqlSession& session, std::string name) {
    Numbers values;
    session.runOnce("select_meta", std::tuple(std::move(name)), std::tie(values));
    if (values.empty()) return std::nullopt;
    return values.front();
}

void writeMeta(SqlSession& session, const std::string& name, Poco::Int64 value) {
    const bool known = readMeta(session, name).has_value();
    if (known) {
        session.runOnce("update_meta", std::tuple(value, name), std::tuple<>());
    } else {
        session.runOnce("insert_meta", std::tuple(name, value), std::tuple<>());
    }
}

}  // namespace

std::uint32_t readEpoch(SqlSession& session) {
    const auto epoch = readMeta(session, "epoch");
    if (!epoch) throw Poco::DataFormatException("the database has no epoch");
    return static_cast<std::uint32_t>(*epoch);
}

void requireMariadb(const std::string& version) {
    if (version.find("MariaDB") != std::string::npos) return;
    throw Poco::IllegalStateException("the server says that it is version " + version +
                                      ", which is not MariaDB's: MySQL is not supported");
}

void applyMigrations(SqlSession& session, const SqlCatalog& catalog) {
    if (catalog.dialect() == Dialect::mysql) {
        Texts versions;
        session.runOnce("select_version", std::tuple<>(), std::tie(versions));
        requireMariadb(versions.empty() ? std::string() : versions.front());
    }
    session.runScript("lock_migrations");
    session.begin();
    session.runScript("create_meta");
    const auto applied = readMeta(session, "schema").value_or(0);
    const auto migrations = catalog.migrations();
    const auto newest = migrations.empty() ? 0 : migrations.back().number;
    if (applied > newest) {
        throw Poco::IllegalStateException("the database's schema is version " +
                                          std::to_string(applied) + ", this program knows " +
                                          std::to_string(newest) + ": run a newer parlor-ledger");
    }
    for (const auto& migration : migrations) {
        if (migration.number <= applied) continue;
        for (const auto& statement : migration.statements) session.runText(statement);
        writeMeta(session, "schema", migration.number);
    }
    if (!readMeta(session, "epoch")) writeMeta(session, "epoch", 1);
    session.commit();
    session.runScript("unlock_migrations");
}

}  // namespace parlor::ledger
