// What the ledger keeps and does: departments, what agents are for, transcripts, erasing, the
// audit.

#include <google/protobuf/util/json_util.h>

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
    bool notes = false;
    bool byEmail = false;
};

v1::TranscriptRequest::Format formatNamed(const std::string& name) {
    if (name == "json") return v1::TranscriptRequest::FORMAT_JSON;
    if (name == "html") return v1::TranscriptRequest::FORMAT_HTML;
    if (name == "record") return v1::TranscriptRequest::FORMAT_RECORD;
    return v1::TranscriptRequest::FORMAT_TEXT;
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
std::string toJson(const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions print;
    print.add_whitespace = true;
    print.preserve_proto_field_names = true;
    std::string text;
    const auto done = google::protobuf::util::MessageToJsonString(message, &text, print);
    return done.ok() ? text : std::string("{}");
}

Expected<void> showMessage(const Context& context, const google::protobuf::Message& message) {
    const std::string text = toJson(message);
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
    return showMessage(context, receipt);
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
    transcript.app.add_flag("--notes", transcript.options->notes, "With what only staff sees");
    transcript.app.add_option("--output", transcript.options->file,
                              "The file to write; default: the standard output");

    const auto erasing =
        add(app, context, "erase", "Remove what was said in a closed conversation, and by whom",
            erase, "The conversation's id, or the visitor's address");
    erasing.app.add_flag("--email", erasing.options->byEmail,
                         "NAME is an e-mail address: all conversations under it");
    add(app, context, "audit", "What administrators did, newest first", audit);
}

}  // namespace parlor::admin
