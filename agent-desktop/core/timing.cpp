#include "agent-desktop/core/timing.h"

#include <QRandomGenerator>
#include <algorithm>

namespace parlor::agent {

std::chrono::milliseconds backoff(const Timing& timing, int attempt) {
    const int doublings = std::clamp(attempt - 1, 0, 16);
    const auto ceiling = std::min(timing.backoffMax, timing.backoffMin * (1 << doublings));
    // At least a tick, so that a zero draw does not turn into a busy loop against a dead ledger.
    return std::chrono::milliseconds(
        1 + QRandomGenerator::global()->bounded(static_cast<qint64>(ceiling.count()) + 1));
}

}  // namespace parlor::agent
