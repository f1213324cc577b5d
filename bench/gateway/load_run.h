#pragma once

// One measurement: a peer started afresh, loaded by parlor-bench-push, stopped.

#include <map>
#include <string>
#include <vector>

#include "bench/gateway/peers.h"

namespace parlor::bench {

using Metrics = std::map<std::string, double>;

// `load` are parlor-bench-push's options besides those of the peer. Throws std::runtime_error where
// something fails, messages are lost included, and where the program was told to stop. Publications
// and polls that the server refuses are counted: "refused".
Metrics measure(const Setup& setup, const PeerKind& peer, std::size_t subscribers,
                const std::vector<std::string>& load);

// A parlor-bench-push that runs: for loading several servers at a time.
class Load {
 public:
    Load(const Setup& setup, std::vector<std::string> arguments);
    // Waits for its end. Throws as measure().
    Metrics finish();

 private:
    const test::TempDir dir_;
    test::Process process_;
};

// From now on SIGINT and SIGTERM end the wait of Load::finish(), so that servers are stopped
// properly.
void stopOnSignals();

}  // namespace parlor::bench
