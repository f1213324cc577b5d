// What a parked long poll costs a gateway: resident bytes, everything included (connection,
// mailbox, subscription, waiter).
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "bench/support/procfs.h"
#include "bench/support/report.h"
#include "bench/support/visitors.h"

namespace {

namespace asio = boost::asio;
using namespace parlor::bench;

asio::awaitable<void> park(Connection& connection, const Conversation& conversation,
                           std::size_t& ended) {
    (void)co_await connection.get(
        "/v1/conversations/" + conversation.id + "/events?wait=60&after=" + conversation.cursor,
        conversation.token);
    ++ended;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Memory per parked long poll");
    std::string opener;
    std::string gateway;
    std::string process;
    std::string json;
    std::size_t polls = 5000;
    app.add_option("--opener", opener, "host:port of the gateway that opens the conversations")
        ->required();
    app.add_option("--gateway", gateway, "host:port of the gateway that is measured")->required();
    app.add_option("--process", process, "gateway=PID")->required();
    app.add_option("--polls", polls, "how many")->check(CLI::Range(1, 18000));
    app.add_option("--json", json, "file for {\"metric\": value}");
    CLI11_PARSE(app, argc, argv);

    asio::io_context context;
    const auto server = ServerProcess::parse(process);
    const auto conversations = openConversations(context, opener, polls);
    const auto before = server.residentBytes();

    std::vector<std::unique_ptr<Connection>> connections;
    std::size_t ended = 0;
    for (const auto& conversation : conversations) {
        connections.push_back(std::make_unique<Connection>(context.get_executor(), gateway));
        asio::co_spawn(context, park(*connections.back(), conversation, ended), [](auto) {});
    }
    // All are parked when none has ended while the gateway's memory has come to rest.
    context.restart();
    context.run_for(std::chrono::seconds(20));
    const auto after = server.residentBytes();

    Report report;
    report.set("parked_polls", static_cast<double>(polls - ended), "");
    report.set("parked_ended_early", static_cast<double>(ended), "");
    report.require(ended == 0, "every poll stays parked");
    report.set(
        "parked_bytes_per_poll",
        (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(polls),
        "B");
    report.print();
    if (!json.empty()) report.writeJson(json);
    return report.exitCode();
}
