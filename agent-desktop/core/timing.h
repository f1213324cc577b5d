#pragma once

#include <chrono>

namespace parlor::agent {

// Every wait of the core in one place, so that tests can make them short.
struct Timing {
    std::chrono::milliseconds receipt{5000};    // a post without an answer is posted again
    std::chrono::milliseconds request{5000};    // an rpc without an answer has failed
    std::chrono::milliseconds backoffMin{300};  // full jitter: uniform in 0 … min(max, min × 2^n)
    std::chrono::milliseconds backoffMax{10000};
    std::chrono::milliseconds gap{200};             // docs/protocol.md: then history is asked
    std::chrono::milliseconds subscribe{5000};      // the broker's time to grant a subscription
    std::chrono::milliseconds staleSweep{2000};     // after a reconnect: retained state has arrived
    std::chrono::milliseconds typingRepeat{3000};   // a typing signal is renewed this often
    std::chrono::milliseconds statusRepeat{30000};  // a status is renewed this often
    std::chrono::milliseconds typingTimeout{6000};  // and fades this long after the last one
    std::chrono::milliseconds stop{1000};           // to hand over what is under way at sign-out
    int messageAttempts = 8;  // unanswered posts until a message is shown as failed
    int commandAttempts = 3;  // a person waits for accepting, transferring …
};

// A time to wait before attempt `attempt` (1, 2, …).
std::chrono::milliseconds backoff(const Timing& timing, int attempt);

}  // namespace parlor::agent
