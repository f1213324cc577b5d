#include "bench/support/procfs.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace parlor::bench {
namespace {

// /proc/PID/stat from its field number `first` (≥ 3) on (proc(5)); in error where there is none.
std::istringstream statFields(int pid, int first) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::istringstream fields;
    if (!std::getline(file, line)) {
        fields.setstate(std::ios::failbit);
        return fields;
    }
    fields.str(line.substr(line.rfind(')') + 2));  // field 2 is a name in parentheses
    std::string skipped;
    for (int field = 3; field < first; ++field) fields >> skipped;
    return fields;
}

int parentOf(int pid) {
    int parent = 0;
    statFields(pid, 4) >> parent;
    return parent;
}

}  // namespace

ServerProcess ServerProcess::parse(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("not name=pid: " + text);
    return {text.substr(0, equals), std::stoi(text.substr(equals + 1))};
}

ServerProcess ServerProcess::self() { return {"self", ::getpid()}; }

double ServerProcess::cpuSeconds() const {
    auto fields = statFields(pid, 14);  // utime is field 14, stime 15
    if (!fields) throw std::runtime_error(name + " does not run");
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

std::uint64_t ServerProcess::proportionalBytes() const {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::string word;
    while (file >> word) {
        std::uint64_t kilobytes = 0;
        if (word == "Pss:" && file >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error(name + " does not run");
}

std::vector<ServerProcess> withDescendants(const ServerProcess& process) {
    std::vector<ServerProcess> all{process};
    std::vector<std::pair<int, int>> parents;  // process, its parent
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        parents.emplace_back(std::stoi(name), parentOf(std::stoi(name)));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const auto& [pid, parent] : parents) {
            if (parent == all[i].pid) {
                all.push_back({process.name + "/" + std::to_string(pid), pid});
            }
        }
    }
    return all;
}

std::uint64_t proportionalBytes(const std::vector<ServerProcess>& processes) {
    std::uint64_t sum = 0;
    for (const auto& process : processes) sum += process.proportionalBytes();
    return sum;
}

double cpuSeconds(const std::vector<ServerProcess>& processes) {
    double sum = 0;
    for (const auto& process : processes) sum += process.cpuSeconds();
    return sum;
}

}  // namespace parlor::bench
