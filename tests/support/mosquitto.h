#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {

// A real Mosquitto on a free port of 127.0.0.1, for one test:
//
//     Mosquitto broker;                                    // anybody may do anything
//     Mosquitto guarded({.users = {{"alice", "secret"}},   // these accounts …
//                        .acl = "user alice\ntopic read a/#\n"});  // … and these rights
//
// Start it on the test's main thread (see Process). Not thread-safe.
class Mosquitto {
 public:
    struct Options {
        // More lines of configuration; they come after "listener PORT 127.0.0.1", so options of a
        // listener apply to it. "{dir}" stands for the broker's directory, "{port}" for its port.
        std::string config = {};
        std::vector<std::pair<std::string, std::string>> users = {};  // name, password; none:
                                                                      // anonymous clients allowed
        std::string acl = {};                                         // an ACL file's text
        std::vector<std::pair<std::string, std::string>> files = {};  // name, text; put in {dir}
    };

    // Returns once it accepts connections. Throws std::runtime_error with the broker's log.
    Mosquitto() : Mosquitto(Options()) {}
    explicit Mosquitto(Options options);

    std::uint16_t port() const { return port_; }
    std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
    std::string tlsAddress() const { return "ssl://localhost:" + std::to_string(port_); }
    const TempDir& dir() const { return dir_; }
    std::string log() const { return readFile(dir_.file("log")); }

    // Each is harmless where there is nothing to do.
    void stop();   // SIGTERM, waits for its end
    void kill9();  // SIGKILL
    // Starts again on the same port after stop() or kill9(); returns once it accepts connections.
    void start();
    void restart() {
        stop();
        start();
    }
    // SIGSTOP and SIGCONT: a broker that is there but does not answer.
    void freeze();
    void thaw();

 private:
    void writeConfig();
    bool startOnce();  // false: the port was taken by somebody else meanwhile

    const Options options_;
    const TempDir dir_;
    std::uint16_t port_ = 0;
    std::optional<Process> process_;
};

}  // namespace parlor::test
