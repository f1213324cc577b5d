#include "ledger/dispatch/routing.h"

#include <algorithm>
#include <tuple>

#include "ledger/dispatch/desk.h"

namespace parlor::ledger {
namespace {

bool isFree(const Candidate& candidate, const Waiting& waiting) {
    return candidate.load < candidate.capacity &&
           serves(candidate.profile, waiting.row->department, waiting.department);
}

// a's load is the smaller part of its capacity.
bool lessBusy(const Candidate& a, const Candidate& b) {
    const auto left = std::uint64_t{a.load} * b.capacity;
    const auto right = std::uint64_t{b.load} * a.capacity;
    return std::tie(left, a.givenAtMs, a.id) < std::tie(right, b.givenAtMs, b.id);
}
bool longerIdle(const Candidate& a, const Candidate& b) {
    return std::tie(a.givenAtMs, a.id) < std::tie(b.givenAtMs, b.id);
}

Candidate* choose(const Waiting& waiting, std::vector<Candidate>& candidates, bool again) {
    const auto& declined = waiting.row->declined;
    std::vector<Candidate*> fitting;
    for (auto& candidate : candidates) {
        const bool said =
            std::find(declined.begin(), declined.end(), candidate.id) != declined.end();
        if (said == again && isFree(candidate, waiting)) fitting.push_back(&candidate);
    }
    if (fitting.empty()) return nullptr;
    const auto routing = waiting.department->routing();
    if (routing == v1::ROUTING_STICKY && waiting.servedBy) {
        const auto same = std::find_if(fitting.begin(), fitting.end(), [&](const Candidate* each) {
            return each->id == *waiting.servedBy;
        });
        if (same != fitting.end()) return *same;
    }
    const auto better = routing == v1::ROUTING_LONGEST_IDLE ? longerIdle : lessBusy;
    return *std::min_element(
        fitting.begin(), fitting.end(),
        [&](const Candidate* a, const Candidate* b) { return better(*a, *b); });
}

}  // namespace

std::vector<Match> route(std::vector<Waiting> waiting, std::vector<Candidate> candidates,
                         std::int64_t nowMs) {
    std::sort(waiting.begin(), waiting.end(), [](const Waiting& a, const Waiting& b) {
        return std::tie(b.row->priority, a.row->waitingSinceMs, a.row->id) <
               std::tie(a.row->priority, b.row->waitingSinceMs, b.row->id);
    });
    std::vector<Match> matches;
    for (const auto& each : waiting) {
        Candidate* chosen = choose(each, candidates, false);
        if (chosen == nullptr && nowMs >= each.row->nextRoundMs) {
            chosen = choose(each, candidates, true);
        }
        if (chosen == nullptr) continue;
        ++chosen->load;
        chosen->givenAtMs = nowMs;
        matches.push_back({each.row, chosen->id});
    }
    return matches;
}

}  // namespace parlor::ledger
