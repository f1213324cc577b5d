#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace parlor::test {

struct ScriptOutput {
    int exitCode;      // -1: did not end in time
    std::string text;  // stdout and stderr
};
// Runs ./parlor with these arguments; at most 90 s.
ScriptOutput runParlor(const std::vector<std::string>& arguments);

struct StackOptions {
    int gateways = 2;
    std::string balancer = "haproxy";  // or "nginx"
};

// What `./parlor up` starts, in a data directory and on ports of its own: Mosquitto, the ledger on
// SQLite, gateways, a load balancer. Stopped at the end. Not thread-safe.
class Stack {
 public:
    Stack() : Stack(StackOptions()) {}
    // Throws std::runtime_error with the script's output where it does not come up.
    explicit Stack(StackOptions options);
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    // Starts again what does not run.
    void up();
    // SIGKILL, and waits until the process is gone. Parts: broker, ledger, gateway-1 …,
    // balancer.
    void kill9(const std::string& part);
    int pid(const std::string& part);

    // "host:port"
    std::string gateway(int number) { return address("gateway-" + std::to_string(number)); }
    std::string balancer() { return address("balancer"); }
    std::string address(const std::string& part);
    std::string password(const std::string& account) const;
    std::string log(const std::string& part) const;
    const TempDir& dir() const { return dir_; }

    // ./parlor with these arguments, and this stack's --data and --bin.
    ScriptOutput parlor(std::vector<std::string> arguments) const;
    int port() const { return port_; }

 private:
    boost::json::object status();

    const TempDir dir_;
    const StackOptions options_;
    const int port_;
};

}  // namespace parlor::test
