#include "bench/gateway/daemon.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/gateway/poller.h"
#include "bench/support/procfs.h"
#include "tests/support/eventually.h"

namespace parlor::bench {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(30);
constexpr auto kCalm = std::chrono::milliseconds(100);  // without growing

bool accepts(const std::string& address) {
    try {
        (void)connectTo(address);
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

}  // namespace

Daemon::Daemon(std::string name, std::vector<std::string> arguments, std::uint16_t port,
               const std::string& logFile, std::size_t children)
    : name_(std::move(name)),
      port_(port),
      process_({.arguments = std::move(arguments),
                .logFile = logFile,
                .environment = {},
                .workingDirectory = {}}) {
    bool up = false;
    (void)test::eventually([&] { return (up = accepts(address())) || !process_.running(); },
                           kStartLimit);
    if (!up || !process_.running()) {
        process_.terminate();
        throw std::runtime_error(name_ + " did not start:\n" + process_.log());
    }
    if (children > 0) awaitChildren(children);
}

void Daemon::awaitChildren(std::size_t count) const {
    std::uint64_t bytes = 0;
    const auto complete = [&] {
        const auto all = withDescendants({name_, process_.pid()});
        if (all.size() != count + 1) return false;
        std::this_thread::sleep_for(kCalm);
        const auto before = std::exchange(bytes, proportionalBytes(all));
        return before == bytes;
    };
    if (!test::eventually(complete, kStartLimit)) {
        throw std::runtime_error(name_ + " has not " + std::to_string(count) + " workers");
    }
}

Daemon::~Daemon() { process_.terminate(); }

std::string findProgram(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders((path == nullptr ? "" : path) + std::string(":/usr/sbin:/usr/bin"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        const auto file = folder + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    throw std::runtime_error(name + " is not installed: ./parlor deps bench");
}

}  // namespace parlor::bench
