#include "ledger/store/sql_check.h"

#include <Poco/Data/SQLite/SQLiteException.h>

#include <array>

#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"

namespace parlor::ledger {
namespace {

struct Check {
    const char* name;
    const char* statement;
    const char* text;  // goes before what it is about, with how many rows
};
constexpr std::array kChecks{
    Check{"heads", "check_heads", "not the newest event is the head of conversation"},
    Check{"states", "check_states", "state, holder, offer and end do not agree of conversation"},
    Check{"events", "check_events", "events without their conversation"},
    Check{"participants", "check_participants",
          "agents in whose list it should not be, or is not, of conversation"},
    Check{"documents", "check_documents", "indexed events that are not there, of conversation"},
    Check{"postings", "check_postings", "terms of the index without a conversation, of site"},
    Check{"digests", "check_digests", "figures without or ahead of their conversation"},
    Check{"job_parts", "check_job_parts", "results without their job"},
};

// Nothing where it is this program's.
std::vector<Difference> checkSchema(SqlSession& session, const SqlCatalog& catalog) {
    Numbers schema;
    session.runOnce("select_meta", std::tuple(std::string("schema")), std::tie(schema));
    const auto there = schema.empty() ? 0 : schema.front();
    const auto known = catalog.migrations().back().number;
    if (there == known) return {};
    return {{std::string(kSchemaCheck), "the schema is version " + std::to_string(there) +
                                            ", this program knows " + std::to_string(known)}};
}

void checkFile(SqlSession& session, std::vector<Difference>& found) {
    Texts lines;
    try {
        session.runOnce("check_file", std::tuple<>(), std::tie(lines));
    } catch (const Poco::Data::SQLite::CorruptImageException& damaged) {
        lines = {damaged.displayText()};  // where the schema itself cannot be read
    }
    for (const auto& line : lines) {
        if (line != "ok") found.push_back({std::string(kFileCheck), line});
    }
}

void run(SqlSession& session, const Check& check, std::vector<Difference>& found) {
    Texts of;
    Numbers count;
    session.runOnce(check.statement, std::tuple<>(), std::tie(of, count));
    for (std::size_t i = 0; i < of.size(); ++i) {
        const auto rows = count[i] == 1 ? "" : " (" + std::to_string(count[i]) + " rows)";
        found.push_back({check.name, check.text + (" " + of[i]) + rows});
    }
}

}  // namespace

Expected<std::vector<Difference>> checkTables(const DatabaseUrl& url) {
    SqlDatabase database(url);
    // Reading everything takes as long as it takes.
    SqlConnection connection(database, SessionUse::migrate);
    auto done = connection.attempt([&](SqlSession& session) {
        std::vector<Difference> found;
        if (url.dialect == Dialect::sqlite) checkFile(session, found);
        if (found.empty()) found = checkSchema(session, database.catalog);
        if (!found.empty()) return found;
        for (const auto& check : kChecks) run(session, check, found);
        return found;
    });
    if (!done) return done.error().error;
    return std::move(*done);
}

}  // namespace parlor::ledger
