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
    // User and system time so far, seconds (/proc/PID/stat).
    double cpuSeconds() const;
    // Resident memory, bytes (/proc/PID/statm).
    std::uint64_t residentBytes() const;
};

double cpuSeconds(const std::vector<ServerProcess>& processes);

}  // namespace parlor::bench
