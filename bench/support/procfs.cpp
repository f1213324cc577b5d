#include "bench/support/procfs.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace parlor::bench {

ServerProcess ServerProcess::parse(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("not name=pid: " + text);
    return {text.substr(0, equals), std::stoi(text.substr(equals + 1))};
}

double ServerProcess::cpuSeconds() const {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error(name + " does not run");
    // After the name in parentheses: state is field 3, utime 14, stime 15 (proc(5)).
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t ServerProcess::residentBytes() const {
    std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    if (!(file >> total >> resident)) throw std::runtime_error(name + " does not run");
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double cpuSeconds(const std::vector<ServerProcess>& processes) {
    double sum = 0;
    for (const auto& process : processes) sum += process.cpuSeconds();
    return sum;
}

}  // namespace parlor::bench
