// The gateways' token keys, in their file: no broker is asked.

#include <filesystem>
#include <memory>

#include "admin/commands/context.h"
#include "admin/secrets.h"
#include "admin/token_keys.h"

namespace parlor::admin {
namespace {

struct KeyOptions {
    std::string file;
    std::string kid;
};

Expected<KeyFile> read(const KeyOptions& options) {
    const auto text = readInput(options.file);
    if (!text) return text.error();
    auto keys = KeyFile::parse(*text);
    if (!keys) return Error{keys.error().code, options.file + ", " + keys.error().text};
    return keys;
}

Expected<void> write(const Context& context, const KeyOptions& options, const KeyFile& keys,
                     const std::string& kid, const std::string& what) {
    if (auto written = writePrivateFile(options.file, keys.text()); !written) return written;
    context.show({{"kid", kid}, {"file", options.file}},
                 what + "; copy " + options.file + " to every gateway and send each SIGHUP");
    return {};
}

Expected<void> list(Context& context, const KeyOptions& options) {
    const auto keys = read(options);
    if (!keys) return keys.error();
    boost::json::array all;
    std::string text;
    for (const auto& key : keys->keys()) {
        all.push_back({{"kid", key.kid}, {"use", name(key.use)}});
        text += (text.empty() ? "" : "\n") + key.kid + "  " + std::string(name(key.use));
    }
    context.show(all, text);
    return {};
}

Expected<void> add(Context& context, const KeyOptions& options) {
    auto keys = std::filesystem::exists(options.file) ? read(options) : KeyFile::parse("");
    if (!keys) return keys.error();
    const auto kid = keys->add(options.kid.empty() ? std::nullopt : std::optional(options.kid));
    if (!kid) return kid.error();
    return write(context, options, *keys, *kid, "added " + *kid);
}

Expected<void> use(Context& context, const KeyOptions& options) {
    auto keys = read(options);
    if (!keys) return keys.error();
    if (auto done = keys->use(options.kid); !done) return done;
    return write(context, options, *keys, options.kid, options.kid + " signs");
}

Expected<void> remove(Context& context, const KeyOptions& options) {
    auto keys = read(options);
    if (!keys) return keys.error();
    if (auto done = keys->remove(options.kid); !done) return done;
    return write(context, options, *keys, options.kid, "removed " + options.kid);
}

}  // namespace

void addKeyCommands(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("key", "Keys of the tokens that gateways give to visitors");
    group->require_subcommand(1);
    enum class Kid { none, optional, required };
    for (const auto& [name, help, kid, action] :
         {std::tuple("list", "Which there are, without their secrets", Kid::none, &list),
          std::tuple("add", "Make one, which verifies until `use` says that it signs",
                     Kid::optional, &add),
          std::tuple("use", "Let this one sign, when every gateway has it", Kid::required, &use),
          std::tuple("remove", "Take one out, when its last token has expired", Kid::required,
                     &remove)}) {
        auto* command = group->add_subcommand(name, help);
        const auto options = std::make_shared<KeyOptions>();
        command->add_option("--file", options->file, "The gateways' token.keyFile")
            ->envname("PARLOR_ADMIN_KEY_FILE")
            ->required();
        if (kid != Kid::none) {
            auto* option = command->add_option("KID", options->kid, "The key's name");
            if (kid == Kid::required) option->required();
        }
        command->callback([&context, options, run = action] {
            context.chosen = [&context, options, run] { return run(context, *options); };
        });
    }
}

}  // namespace parlor::admin
