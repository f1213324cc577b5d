#pragma once

// A server in the background.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace parlor::bench {

class Daemon {
 public:
    // Starts `arguments` and returns once it accepts connections at `port` of 127.0.0.1. Throws
    // std::runtime_error, with its output, where it does not within 30 s. `children`: worker
    // processes, which may be made after the port is open: all of them are there and have the
    // memory that they begin with, so that what is measured counts each of them.
    Daemon(std::string name, std::vector<std::string> arguments, std::uint16_t port,
           const std::string& logFile, std::size_t children = 0);
    // SIGTERM, and waits for its end, so that no children of its own are left.
    ~Daemon();

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    int pid() const { return process_.pid(); }
    // As --process wants it.
    std::string process() const { return name_ + "=" + std::to_string(process_.pid()); }

 private:
    void awaitChildren(std::size_t count) const;

    const std::string name_;
    const std::uint16_t port_;
    test::Process process_;
};

// The path of a program of the system: in PATH or where Debian puts servers. Throws
// std::runtime_error.
std::string findProgram(const std::string& name);

}  // namespace parlor::bench
