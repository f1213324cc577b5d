#include "tests/support/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

extern char** environ;

namespace parlor::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// What is named twice in an environment counts as its first entry says.
std::vector<std::string> mergedEnvironment(const Process::Options& options) {
    std::vector<std::string> merged;
    for (const auto& [name, value] : options.environment) merged.push_back(name + "=" + value);
    for (char** entry = environ; *entry != nullptr; ++entry) merged.emplace_back(*entry);
    return merged;
}

}  // namespace

Process::Process(Options options) : logFile_(options.logFile) {
    // All memory is taken before fork(): other threads may hold the allocator's locks.
    auto environment = mergedEnvironment(options);
    const auto argv = pointers(options.arguments);
    const auto envp = pointers(environment);
    const char* directory =
        options.workingDirectory.empty() ? "." : options.workingDirectory.data();
    const pid_t parent = ::getpid();

    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ > 0) return;

    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int log = ::open(logFile_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int null = ::open("/dev/null", O_RDONLY);
    if (log < 0 || null < 0 || ::chdir(directory) != 0) ::_exit(127);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::closefrom(STDERR_FILENO + 1);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
}

Process::~Process() { kill9(); }

void Process::reap(bool block) {
    int status = 0;
    if (exitCode_ || ::waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return;
    exitCode_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool Process::running() {
    reap(false);
    return !exitCode_;
}

void Process::signal(int number) {
    if (running()) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
    if (!eventually([this] { return !running(); }, limit)) return {};
    return exitCode_;
}

int Process::terminate(std::chrono::milliseconds limit) {
    signal(SIGTERM);
    if (!wait(limit)) kill9();
    return *exitCode_;
}

void Process::kill9() {
    signal(SIGKILL);
    reap(true);
}

std::string Process::log() const { return readFile(logFile_); }

}  // namespace parlor::test
