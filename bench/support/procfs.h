#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace parlor::bench {

// A server process, as "name=pid" on the command line names it.
struct ServerProcess {
    std::string name;
    int pid;

    // Throws std::invalid_argument.
    static ServerProcess parse(const std::string& text);
    // The one that asks.
    static ServerProcess self();
    // User and system time so far, seconds (/proc/PID/stat).
    double cpuSeconds() const;
    // Resident memory, bytes (/proc/PID/statm).
    std::uint64_t residentBytes() const;
    // The same, with each page that several processes share divided among them, so that it may be
    // added up (/proc/PID/smaps_rollup, Pss).
    std::uint64_t proportionalBytes() const;
};

// A process and all that descend from it now.
std::vector<ServerProcess> withDescendants(const ServerProcess& process);

double cpuSeconds(const std::vector<ServerProcess>& processes);
std::uint64_t proportionalBytes(const std::vector<ServerProcess>& processes);

}  // namespace parlor::bench
