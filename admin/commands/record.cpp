// What is done to the record itself, without a ledger and without the broker.

#include <chrono>
#include <memory>

#include "admin/commands/context.h"
#include "ledger/maintenance/maintenance.h"

namespace parlor::admin {
namespace {

struct RecordOptions {
    std::string config;  // a ledger's
    std::string file;    // an exported record
};

Expected<ledger::Verification> verification(const RecordOptions& options) {
    if (!options.file.empty()) {
        const auto text = readInput(options.file);
        if (!text) return text.error();
        auto result = ledger::verifyExport(*text);
        if (!result) return Error{result.error().code, options.file + ": " + result.error().text};
        return result;
    }
    const auto database = ledger::databaseOf(options.config);
    if (!database) return database.error();
    return ledger::verifyDatabase(*database);
}

boost::json::object toJson(const ledger::Verification& result) {
    boost::json::object value = {{"conversations", result.conversations},
                                 {"events", result.events},
                                 {"erased", result.erased}};
    if (result.broken) value["broken"] = result.broken->str();
    return value;
}

Expected<void> verify(Context& context, const RecordOptions& options) {
    const auto result = verification(options);
    if (!result) return result.error();
    if (result->broken) context.exitCode = ledger::kBrokenExitCode;
    context.show(toJson(*result), result->str());
    return {};
}

Expected<void> check(Context& context, const RecordOptions& options) {
    const auto database = ledger::databaseOf(options.config);
    if (!database) return database.error();
    const auto result = ledger::checkDatabase(*database);
    if (!result) return result.error();
    if (!result->isWhole()) context.exitCode = ledger::kBrokenExitCode;
    boost::json::object value = result->record ? toJson(*result->record) : boost::json::object();
    auto& differences = value["differences"].emplace_array();
    for (const auto& each : result->differences) {
        differences.push_back({{"check", each.check}, {"text", each.text}});
    }
    context.show(value, result->str());
    return {};
}

Expected<void> restoreDone(Context& context, const RecordOptions& options) {
    const auto database = ledger::databaseOf(options.config);
    if (!database) return database.error();
    const auto epoch = ledger::restoreDone(*database);
    if (!epoch) return epoch.error();
    context.show({{"epoch", *epoch}}, "epoch " + std::to_string(*epoch));
    return {};
}

// So that whoever waits sees that it goes on.
constexpr std::chrono::seconds kBetweenLines{10};

Expected<void> reindex(Context& context, const RecordOptions& options) {
    using Clock = std::chrono::steady_clock;
    const auto database = ledger::databaseOf(options.config);
    if (!database) return database.error();
    auto next = Clock::now() + kBetweenLines;
    const auto result = ledger::reindexDatabase(*database, [&](const ledger::Reindexed& soFar) {
        if (Clock::now() < next) return;
        next = Clock::now() + kBetweenLines;
        context.warn(std::to_string(soFar.events) + " events so far");
    });
    if (!result) return result.error();
    std::string text = std::to_string(result->events) + " events";
    if (result->refused > 0) {
        context.exitCode = 1;
        text += ", " + std::to_string(result->refused) + " conversations that were not taken";
    }
    context.show({{"events", result->events}, {"refused", result->refused}}, text);
    return {};
}

using Action = Expected<void> (*)(Context&, const RecordOptions&);

CLI::App& add(CLI::App& app, Context& context, const std::shared_ptr<RecordOptions>& options,
              const char* name, const char* help, Action action) {
    auto* command = app.add_subcommand(name, help);
    command
        ->add_option("--config", options->config,
                     "The ledger's configuration: it names the database")
        ->envname("PARLOR_LEDGER_CONFIG");
    command->callback([&context, options, action] {
        if (options->config.empty() && options->file.empty()) throw CLI::RequiredError("--config");
        context.chosen = [&context, options, action] { return action(context, *options); };
    });
    return *command;
}

}  // namespace

void addRecordCommands(CLI::App& app, Context& context) {
    const auto options = std::make_shared<RecordOptions>();
    auto& verifying =
        add(app, context, options, "verify",
            "Check the record's chain of hashes; exit code 2 where it is broken", verify);
    verifying.add_option("--file", options->file,
                         "A conversation's record as `export --format record` wrote it, instead of "
                         "the database; - for the standard input");
    add(app, context, std::make_shared<RecordOptions>(), "check",
        "Check that the database's tables agree, and the record as `verify` does; exit code 2 "
        "where something differs",
        check);
    add(app, context, std::make_shared<RecordOptions>(), "reindex",
        "Make the search index anew from the record; until it ends, searches find only part",
        reindex);
    add(app, context, std::make_shared<RecordOptions>(), "restore-done",
        "Raise the epoch, once, after a backup of the database was restored and before a ledger "
        "starts",
        restoreDone);
}

}  // namespace parlor::admin
