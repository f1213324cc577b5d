// parlor-bench-database: a private database server on a free port of 127.0.0.1, empty, which ends
// with this program. Prints its URL when it can be used.

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "tests/ledger/databases.h"

int main(int argc, char** argv) {
    using parlor::ledger::Dialect;
    CLI::App app("A private database server");
    std::string name;
    app.add_option("database", name, "postgresql or mariadb")
        ->required()
        ->check(CLI::IsMember({"postgresql", "mariadb"}));
    CLI11_PARSE(app, argc, argv);
    try {
        const auto database = parlor::ledger::test::Database::start(
            name == "postgresql" ? Dialect::postgresql : Dialect::mysql);
        std::cout << database->url().text() << std::endl;
        sigset_t ends;
        sigemptyset(&ends);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGINT);
        pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        int signal = 0;
        sigwait(&ends, &signal);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "parlor-bench-database: " << error.what() << "\n";
        return 1;
    }
}
