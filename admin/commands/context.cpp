#include "admin/commands/context.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "admin/secrets.h"

namespace parlor::admin {

Expected<std::string> Context::password() const {
    if (options.passwordFile.empty()) {
        return Error{Errc::malformed, "--admin-password-file is needed"};
    }
    return readSecret(options.passwordFile);
}

Expected<std::unique_ptr<Dynsec>> Context::connect() const {
    const auto secret = password();
    if (!secret) return secret.error();
    auto dynsec = std::make_unique<Dynsec>(busFor(options.username, *secret));
    if (auto connected = dynsec->connect(deadline()); !connected) {
        return Error{connected.error().code, options.server + ": " + connected.error().text};
    }
    return dynsec;
}

Expected<std::unique_ptr<LedgerClient>> Context::connectLedger(const SiteId& site) const {
    const auto secret = password();
    if (!secret) return secret.error();
    auto client = std::make_unique<LedgerClient>(busFor(options.username, *secret), site);
    if (auto connected = client->connect(deadline()); !connected) {
        return Error{connected.error().code, options.server + ": " + connected.error().text};
    }
    return client;
}

void Context::show(const boost::json::value& value, const std::string& text) const {
    shown_ = true;
    if (options.json) {
        out_ << value << "\n";
    } else {
        out_ << text << "\n";
    }
    out_.flush();
}

void Context::warn(const std::string& text) const { err_ << "parlor-admin: " << text << "\n"; }

void PasswordOptions::addTo(CLI::App& command) {
    command.add_option("--password-file", from,
                       "Take the password from this file's first line, - for the standard input "
                       "(default: one is generated)");
    command
        .add_option("--secrets", secrets,
                    "Write the password to NAME.password in this folder, for this user only, "
                    "instead of showing it")
        ->envname("PARLOR_ADMIN_SECRETS");
}

Expected<std::string> PasswordOptions::take() const {
    if (from.empty()) return generatePassword();
    auto password = readSecret(from);
    if (!password) return password;
    if (auto checked = checkPassword(*password); !checked) return checked.error();
    return password;
}

Expected<void> PasswordOptions::keep(const std::string& account,
                                     const std::string& password) const {
    if (secrets.empty()) return {};
    return writeSecret(fileOf(account), password);
}

std::string PasswordOptions::describe(const std::string& account, const std::string& password,
                                      boost::json::object& value) const {
    if (!secrets.empty()) {
        value["password_file"] = fileOf(account);
        return "password in " + fileOf(account);
    }
    if (!from.empty()) return "password as in " + from;
    value["password"] = password;
    return "password, shown only now: " + password;
}

Expected<std::string> readInput(const std::string& file) {
    std::ifstream opened;
    std::istream* from = &std::cin;
    if (file != "-") {
        opened.open(file);
        if (!opened) return Error{Errc::notFound, "cannot read " + file};
        from = &opened;
    }
    return std::string(std::istreambuf_iterator<char>(*from), {});
}

void addZoneOption(CLI::App& command, std::string& zone) {
    command
        .add_option("--zone", zone,
                    "What the broker serves: both, or one side of broker-config/zones")
        ->check(CLI::IsMember({"both", "inside", "outside"}))
        ->capture_default_str();
}

}  // namespace parlor::admin
