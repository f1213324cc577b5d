#include "ledger/maintenance/maintenance.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <fstream>

#include "ledger/store/sql_store.h"

namespace parlor::ledger {
namespace {

Error inDatabase(const DatabaseUrl& database, const Error& error) {
    return {error.code, database.display() + ": " + error.text};
}

Expected<std::string> firstLine(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line)) {
        return Error{Errc::malformed, "database.urlFile: cannot read the URL from " + path};
    }
    return line;
}

}  // namespace

Expected<DatabaseUrl> databaseOf(const Poco::Util::AbstractConfiguration& properties) {
    const bool inFile = properties.has("database.urlFile");
    if (properties.has("database.url") == inFile) {
        return Error{Errc::malformed,
                     inFile ? "database.url: not together with database.urlFile"
                            : "has no database.url, e.g. sqlite:///var/lib/parlor/ledger.db"};
    }
    if (!inFile) return DatabaseUrl::parse(properties.getString("database.url"));
    const auto url = firstLine(properties.getString("database.urlFile"));
    if (!url) return url.error();
    return DatabaseUrl::parse(*url);
}

Expected<DatabaseUrl> databaseOf(const std::string& configFile) {
    try {
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(
            new Poco::Util::PropertyFileConfiguration(configFile));
        auto database = databaseOf(*file);
        if (!database) {
            return Error{Errc::malformed, configFile + ": " + database.error().text};
        }
        return database;
    } catch (const Poco::Exception& exception) {
        return Error{Errc::malformed, "cannot read " + configFile + ": " + exception.displayText()};
    }
}

Expected<Verification> verifyDatabase(const DatabaseUrl& database) {
    SqlStore store(database);
    auto result = verify(*store.makeReader());
    if (!result) return inDatabase(database, result.error());
    return result;
}

std::string Integrity::str() const {
    std::string text;
    for (const auto& difference : differences) {
        text += difference.check + ": " + difference.text + "\n";
    }
    return text + (record ? record->str() : "the record was not read");
}

Expected<Integrity> checkDatabase(const DatabaseUrl& database) {
    auto differences = checkTables(database);
    if (!differences) return inDatabase(database, differences.error());
    Integrity result{.differences = std::move(*differences), .record = {}};
    const bool isReadable = std::none_of(
        result.differences.begin(), result.differences.end(), [](const Difference& each) {
            return each.check == kSchemaCheck || each.check == kFileCheck;
        });
    if (!isReadable) return result;
    const auto record = verifyDatabase(database);
    if (!record) return record.error();
    result.record = *record;
    return result;
}

Expected<Reindexed> reindexDatabase(const DatabaseUrl& database, const ReindexProgress& progress) {
    SqlStore store(database);
    auto done = reindex(store, {}, progress);
    if (!done) return inDatabase(database, done.error());
    return done;
}

Expected<std::uint32_t> restoreDone(const DatabaseUrl& database) {
    auto epoch = SqlStore(database).raiseEpoch();
    if (!epoch) return inDatabase(database, epoch.error());
    return epoch;
}

}  // namespace parlor::ledger
