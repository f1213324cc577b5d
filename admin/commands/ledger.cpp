// What the ledger keeps and does: departments, what agents are for, transcripts, erasing, the
// audit.

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>

#include "admin/commands/context.h"
#include "proto/codec.h"

namespace parlor::admin {
namespace {

using topics::Method;

struct LedgerOptions {
    std::string site;
    std::string name;  // what the command is about
    std::string file;  // where it is read from, or written to; "-": standard input, output
    std::string format = "text";
    std::string lang = "en";
    bool notes = false;
    bool byEmail = false;
    std::string from;
    std::string until;
    std::string group = "all";
    int utcOffsetMinutes = 0;
};

v1::TranscriptRequest::Format formatNamed(const std::string& name) {
    if (name == "json") return v1::TranscriptRequest::FORMAT_JSON;
    if (name == "html") return v1::TranscriptRequest::FORMAT_HTML;
    if (name == "record") return v1::TranscriptRequest::FORMAT_RECORD;
    return v1::TranscriptRequest::FORMAT_TEXT;
}

v1::ReportRequest::Group groupNamed(const std::string& name) {
    if (name == "hour") return v1::ReportRequest::GROUP_HOUR;
    if (name == "day") return v1::ReportRequest::GROUP_DAY;
    if (name == "agent") return v1::ReportRequest::GROUP_AGENT;
    if (name == "department") return v1::ReportRequest::GROUP_DEPARTMENT;
    return v1::ReportRequest::GROUP_UNSPECIFIED;
}

Expected<std::unique_ptr<LedgerClient>> connect(const Context& context,
                                                const LedgerOptions& options) {
    const auto site = SiteId::parse(options.site);
    if (!site) return site.error();
    return context.connectLedger(*site);
}

Expected<v1::Response> ask(const Context& context, const LedgerOptions& options, Method method,
                           const v1::Request& request) {
    const auto client = connect(context, options);
    if (!client) return client.error();
    return (*client)->call(method, request, context.deadline());
}

// The message as JSON, which is both what is shown and what `set` reads.
std::string toJson(const google::protobuf::Message& message, bool zeros) {
    google::protobuf::util::JsonPrintOptions print;
    print.always_print_primitive_fields = zeros;
    print.add_whitespace = true;
    print.preserve_proto_field_names = true;
    std::string text;
    const auto done = google::protobuf::util::MessageToJsonString(message, &text, print);
    return done.ok() ? text : std::string("{}");
}

// `zeros`: what is 0, false or empty is shown, too.
Expected<void> showMessage(const Context& context, const google::protobuf::Message& message,
                           bool zeros = false) {
    const std::string text = toJson(message, zeros);
    boost::system::error_code failed;
    const auto value = boost::json::parse(text, failed);
    context.show(value, text);
    return {};
}

template <class Profile>
Expected<void> readProfile(const LedgerOptions& options, Profile& profile) {
    const auto text = readInput(options.file);
    if (!text) return text.error();
    const auto done = google::protobuf::util::JsonStringToMessage(*text, &profile);
    if (!done.ok()) {
        return Error{Errc::malformed, options.file + ": " + done.ToString()};
    }
    if (profile.id().empty()) profile.set_id(options.name);
    if (profile.id() != options.name) return Error{Errc::malformed, "id: not " + options.name};
    return {};
}

Expected<void> list(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    request.mutable_directory()->mutable_list();
    const auto answer = ask(context, options, Method::directory, request);
    if (!answer) return answer.error();
    return showMessage(context, answer->directory());
}

Expected<void> change(const Context& context, const LedgerOptions& options,
                      const v1::Request& request, const std::string& done) {
    const auto answer = ask(context, options, Method::directory, request);
    if (!answer) return answer.error();
    context.show({{"site", options.site}, {"id", options.name}}, options.name + ": " + done);
    return {};
}

Expected<void> setDepartment(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    auto& profile = *request.mutable_directory()->mutable_save_department()->mutable_profile();
    if (auto ok = readProfile(options, profile); !ok) return ok;
    return change(context, options, request, "saved");
}

Expected<void> setAgent(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    auto& profile = *request.mutable_directory()->mutable_save_agent()->mutable_profile();
    if (auto ok = readProfile(options, profile); !ok) return ok;
    return change(context, options, request, "saved");
}

Expected<void> removeDepartment(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    request.mutable_directory()->set_remove_department(options.name);
    return change(context, options, request, "removed");
}

Expected<void> removeAgentProfile(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    request.mutable_directory()->set_remove_agent(options.name);
    return change(context, options, request, "removed");
}

Expected<void> audit(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    request.mutable_audit()->set_limit(200);
    const auto answer = ask(context, options, Method::audit, request);
    if (!answer) return answer.error();
    return showMessage(context, answer->audit());
}

// Asks for a job and awaits its result.
Expected<std::string> jobResult(const Context& context, const LedgerOptions& options, Method method,
                                const v1::Request& request) {
    const auto client = connect(context, options);
    if (!client) return client.error();
    const auto answer = (*client)->call(method, request, context.deadline());
    if (!answer) return answer.error();
    return (*client)->result(answer->job().id(), context.deadline());
}

Expected<void> exportTranscript(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    auto& transcript = *request.mutable_transcript();
    transcript.set_conversation(options.name);
    transcript.set_notes(options.notes);
    transcript.set_format(formatNamed(options.format));
    transcript.set_language(options.lang == "zh" ? v1::TranscriptRequest::LANGUAGE_ZH
                                                 : v1::TranscriptRequest::LANGUAGE_EN);
    const auto data = jobResult(context, options, Method::transcript, request);
    if (!data) return data.error();
    if (options.file.empty() || options.file == "-") {
        context.show({{"transcript", *data}}, *data);
        return {};
    }
    std::ofstream out(options.file, std::ios::binary);
    out << *data;
    out.close();
    if (!out) return Error{Errc::unavailable, "cannot write " + options.file};
    context.show({{"file", options.file}}, "written to " + options.file);
    return {};
}

Expected<void> erase(const Context& context, const LedgerOptions& options) {
    v1::Request request;
    if (options.byEmail) {
        request.mutable_erase()->set_visitor_email(options.name);
    } else {
        request.mutable_erase()->set_conversation(options.name);
    }
    const auto data = jobResult(context, options, Method::erase, request);
    if (!data) return data.error();
    v1::ErasureReceipt receipt;
    if (!receipt.ParseFromString(*data)) return Error{Errc::internal, "the receipt is broken"};
    return showMessage(context, receipt, /*zeros=*/true);
}

// The first moment of a day such as 2026-11-30, so many minutes from UTC.
Expected<std::int64_t> beginOf(const std::string& day, int utcOffsetMinutes) {
    int year = 0;
    unsigned month = 0;
    unsigned dayOfMonth = 0;
    int read = 0;
    const int found = std::sscanf(day.c_str(), "%4d-%2u-%2u%n", &year, &month, &dayOfMonth, &read);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(dayOfMonth)};
    if (found != 3 || static_cast<std::size_t>(read) != day.size() || !date.ok()) {
        return Error{Errc::malformed, day + ": not a day such as 2026-11-30"};
    }
    const std::chrono::sys_time<std::chrono::milliseconds> begin =
        std::chrono::sys_days(date) - std::chrono::minutes(utcOffsetMinutes);
    return begin.time_since_epoch().count();
}

Expected<void> report(const Context& context, const LedgerOptions& options) {
    const auto from = beginOf(options.from, options.utcOffsetMinutes);
    if (!from) return from.error();
    const auto until = beginOf(options.until, options.utcOffsetMinutes);
    if (!until) return until.error();
    v1::Request request;
    auto& wanted = *request.mutable_report();
    wanted.set_from_ms(*from);
    wanted.set_until_ms(*until);
    wanted.set_utc_offset_minutes(options.utcOffsetMinutes);
    wanted.set_group(groupNamed(options.group));
    const auto client = connect(context, options);
    if (!client) return client.error();
    const auto answer = (*client)->call(Method::report, request, context.deadline());
    if (!answer) return answer.error();
    if (!answer->has_job()) return showMessage(context, answer->report());
    const auto data = (*client)->result(answer->job().id(), context.deadline());
    if (!data) return data.error();
    v1::ReportResponse response;
    if (!response.ParseFromString(*data)) return Error{Errc::internal, "the report is broken"};
    return showMessage(context, response);
}

using Action = Expected<void> (*)(const Context&, const LedgerOptions&);

struct Command {
    CLI::App& app;
    std::shared_ptr<LedgerOptions> options;
};

Command add(CLI::App& group, Context& context, const char* name, const char* help, Action action,
            const char* what = nullptr) {
    auto* command = group.add_subcommand(name, help);
    const auto options = std::make_shared<LedgerOptions>();
    command->add_option("--site", options->site, "The site")->envname("PARLOR_SITE")->required();
    if (what != nullptr) command->add_option("NAME", options->name, what)->required();
    command->callback([&context, options, action] {
        context.chosen = [&context, options, action] { return action(context, *options); };
    });
    return {*command, options};
}

void addFile(const Command& command) {
    command.app
        .add_option("--file", command.options->file,
                    "The profile as JSON, as `directory list` shows it; - for the standard input")
        ->required();
}

}  // namespace

void addLedgerCommands(CLI::App& app, Context& context) {
    auto& directory = *app.add_subcommand("directory", "Departments, and what agents are for")
                           ->require_subcommand(1);
    add(directory, context, "list", "Show all of them", list);
    addFile(add(directory, context, "set-department", "Save a department", setDepartment,
                "The department's id"));
    add(directory, context, "remove-department", "Remove a department", removeDepartment,
        "The department's id");
    addFile(add(directory, context, "set-agent", "Save an agent's role, skills, departments …",
                setAgent, "The agent's id"));
    add(directory, context, "remove-agent", "Forget what an agent is for; its account stays",
        removeAgentProfile, "The agent's id");

    const auto transcript = add(app, context, "export", "Write a conversation's transcript",
                                exportTranscript, "The conversation's id");
    transcript.app
        .add_option("--format", transcript.options->format,
                    "text, json, html, or record: for `verify --file`")
        ->check(CLI::IsMember({"text", "json", "html", "record"}))
        ->capture_default_str();
    transcript.app
        .add_option("--lang", transcript.options->lang,
                    "Of the lines about who joined, left and so on")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    transcript.app.add_flag("--notes", transcript.options->notes, "With what only staff sees");
    transcript.app.add_option("--output", transcript.options->file,
                              "The file to write; default: the standard output");

    const auto erasing =
        add(app, context, "erase",
            "Remove what was said in a conversation, and by whom; an open one is closed", erase,
            "The conversation's id, or the visitor's address");
    erasing.app.add_flag("--email", erasing.options->byEmail,
                         "NAME is an e-mail address: all conversations under it");
    add(app, context, "audit", "What administrators did, newest first", audit);

    const auto reporting = add(app, context, "report",
                               "Figures of the conversations that were opened in a time", report);
    reporting.app.add_option("--from", reporting.options->from, "The first day: 2026-11-01")
        ->required();
    reporting.app
        .add_option("--until", reporting.options->until, "The day after the last one: 2026-12-01")
        ->required();
    reporting.app.add_option("--by", reporting.options->group, "A row for each of these")
        ->check(CLI::IsMember({"all", "hour", "day", "agent", "department"}))
        ->capture_default_str();
    reporting.app
        .add_option("--utc-offset", reporting.options->utcOffsetMinutes,
                    "Where days begin: minutes east of UTC")
        ->check(CLI::Range(-840, 840))
        ->capture_default_str();
}

}  // namespace parlor::admin
