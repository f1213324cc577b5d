#pragma once

// What the groups of commands share: the options in front of them, the connection, the output.

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "admin/dynsec.h"
#include "admin/ledger_client.h"

namespace parlor::admin {

struct ConnectionOptions {
    std::string server = "tcp://127.0.0.1:1883";
    std::string username;
    std::string passwordFile;  // "-": the standard input
    std::string caFile;        // for ssl://; empty: the system's store
    int timeoutSeconds = 10;
    bool json = false;
};

// A bus for one account of the broker that the options name. The second is the password.
using BusFactory = std::function<std::unique_ptr<bus::Bus>(
    const ConnectionOptions&, const std::string& username, const std::string& password)>;

// Lives as long as the command line's parser. Not thread-safe.
class Context {
 public:
    Context(BusFactory makeBus, std::ostream& out, std::ostream& err)
        : makeBus_(std::move(makeBus)), out_(out), err_(err) {}

    ConnectionOptions options;
    // What the chosen command does; run after the whole command line was found right.
    std::function<Expected<void>()> chosen;
    // Of a command that was carried out.
    int exitCode = 0;

    // Connected as the account of the options.
    Expected<std::unique_ptr<Dynsec>> connect() const;
    // The same, to ask the ledger about one site.
    Expected<std::unique_ptr<LedgerClient>> connectLedger(const SiteId& site) const;
    std::unique_ptr<bus::Bus> busFor(const std::string& username,
                                     const std::string& password) const {
        return makeBus_(options, username, password);
    }
    bus::Deadline deadline() const {
        return bus::Clock::now() + std::chrono::seconds(options.timeoutSeconds);
    }
    // One result: as JSON where that was asked for, else the text.
    void show(const boost::json::value& value, const std::string& text) const;
    bool hasShown() const { return shown_; }
    // For people, besides the result.
    void warn(const std::string& text) const;

 private:
    Expected<std::string> password() const;

    const BusFactory makeBus_;
    std::ostream& out_;
    std::ostream& err_;
    mutable bool shown_ = false;
};

// Where a password comes from and where it goes. Options of commands that give somebody one.
struct PasswordOptions {
    std::string from;     // file, or "-"; empty: generated
    std::string secrets;  // folder for NAME.password; empty: shown once

    void addTo(CLI::App& command);
    // The given one, checked, or a generated one.
    Expected<std::string> take() const;
    std::string fileOf(const std::string& account) const {
        return secrets.empty() ? "" : secrets + "/" + account + ".password";
    }
    // Writes it, where there is a folder.
    Expected<void> keep(const std::string& account, const std::string& password) const;
    // Adds to `value` and gives a line of text: where the password is, or the password itself,
    // once.
    std::string describe(const std::string& account, const std::string& password,
                         boost::json::object& value) const;
};

// All of a file, or of the standard input for "-". notFound where it cannot be read.
Expected<std::string> readInput(const std::string& file);

// --zone both|inside|outside
void addZoneOption(CLI::App& command, std::string& zone);

// The groups, one file each.
void addBrokerCommands(CLI::App& app, Context& context);
void addSetupCommand(CLI::App& app, Context& context);
void addServiceCommands(CLI::App& app, Context& context);
void addAgentCommands(CLI::App& app, Context& context);
void addLedgerCommands(CLI::App& app, Context& context);
void addRecordCommands(CLI::App& app, Context& context);
void addKeyCommands(CLI::App& app, Context& context);
void addSiteCommands(CLI::App& app, Context& context);

}  // namespace parlor::admin
