#include <filesystem>
#include <memory>
#include <vector>

#include "admin/broker_file.h"
#include "admin/commands/context.h"
#include "admin/rights.h"
#include "admin/secrets.h"

namespace parlor::admin {
namespace {

struct InitOptions {
    std::string file;
    std::string passwordFile;
    std::string secrets;
};

constexpr std::string_view kPasswordSuffix = ".password";

// Each NAME.password of the folder.
Expected<std::vector<AccountPassword>> readSecrets(const std::string& folder) {
    std::vector<AccountPassword> all;
    if (folder.empty()) return all;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (entry.path().extension() != kPasswordSuffix) continue;
        auto password = readSecret(entry.path());
        if (!password) return password.error();
        all.push_back({entry.path().stem(), std::move(*password)});
    }
    if (failed) return Error{Errc::notFound, "cannot read " + folder};
    return all;
}

Expected<void> init(const Context& context, const InitOptions& options) {
    auto password = readSecret(options.passwordFile);
    if (!password && password.error().code == Errc::notFound) {
        const auto generated = generatePassword();
        if (auto kept = writeSecret(options.passwordFile, generated); !kept) return kept;
        password = generated;
    }
    if (!password) return password.error();
    if (auto checked = checkPassword(*password); !checked) return checked;
    const auto others = readSecrets(options.secrets);
    if (!others) return others.error();
    const auto changed = prepareBrokerFile(options.file, *password, *others);
    if (!changed) return changed.error();
    context.show({{"file", options.file},
                  {"account", kAdminAccount},
                  {"password_file", options.passwordFile},
                  {"changed", *changed}},
                 options.file + ": account " + kAdminAccount + ", password in " +
                     options.passwordFile + (*changed ? "" : " (as it was)"));
    return {};
}

}  // namespace

void addBrokerCommands(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("broker", "Prepare a broker that is not running");
    group->require_subcommand(1);
    auto* command = group->add_subcommand(
        "init",
        "Make the file of the dynamic-security plugin, or the account in it that manages "
        "all others");
    const auto options = std::make_shared<InitOptions>();
    command->add_option("--file", options->file, "The plugin's plugin_opt_config_file")->required();
    command
        ->add_option("--password-file", options->passwordFile,
                     "The account's password; made where there is no such file")
        ->required();
    command
        ->add_option("--secrets", options->secrets,
                     "Folder of NAME.password: accounts that the file has get the passwords that "
                     "are there")
        ->envname("PARLOR_ADMIN_SECRETS");
    command->callback([&context, options] {
        context.chosen = [&context, options] { return init(context, *options); };
    });
}

}  // namespace parlor::admin
