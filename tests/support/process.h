#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parlor::test {

// A child process whose output goes to a file. It is killed when this object goes, and by the
// kernel when the thread that started it ends, so that a crashed test leaves nothing behind: start
// it on the test's main thread. Not thread-safe.
class Process {
 public:
    struct Options {
        std::vector<std::string> arguments;  // the first is the program's path
        std::string logFile;                 // stdout and stderr, appended
        std::vector<std::pair<std::string, std::string>> environment;  // besides this process's own
        std::string workingDirectory;                                  // empty: this process's
    };

    // Throws std::system_error where no process could be made; a program that cannot be run exits
    // with 127.
    explicit Process(Options options);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    bool running();
    // Sends a signal, if it still runs.
    void signal(int number);
    // Waits for its end: the exit code, or 128 + the signal that ended it; nothing at the limit.
    std::optional<int> wait(std::chrono::milliseconds limit);
    // SIGTERM, then SIGKILL at the limit. The exit code as from wait().
    int terminate(std::chrono::milliseconds limit = std::chrono::seconds(10));
    // SIGKILL, and waits for its end.
    void kill9();

    const std::string& logFile() const { return logFile_; }
    std::string log() const;

 private:
    void reap(bool block);

    const std::string logFile_;
    pid_t pid_ = -1;
    std::optional<int> exitCode_;
};

}  // namespace parlor::test
