#include "ledger/requests/report.h"

#include <algorithm>
#include <numeric>

namespace parlor::ledger {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

std::int64_t beginOf(std::int64_t ms, std::int64_t length, std::int64_t offsetMs) {
    const std::int64_t local = ms + offsetMs;
    return local - local % length - offsetMs;
}

v1::Durations toDurations(std::vector<std::int64_t> values) {
    v1::Durations durations;
    if (values.empty()) return durations;
    std::sort(values.begin(), values.end());
    const auto count = static_cast<std::int64_t>(values.size());
    // The least value that so many percent do not exceed.
    const auto rank = [&](std::int64_t percent) {
        return values[static_cast<std::size_t>((count * percent + 99) / 100 - 1)];
    };
    durations.set_count(static_cast<std::uint32_t>(count));
    durations.set_mean_ms(std::accumulate(values.begin(), values.end(), std::int64_t{0}) / count);
    durations.set_median_ms(rank(50));
    durations.set_p90_ms(rank(90));
    return durations;
}

void addSpan(std::vector<std::int64_t>& spans, std::int64_t from, std::int64_t until) {
    // Ledgers' clocks may differ by a little.
    if (until != 0) spans.push_back(std::max<std::int64_t>(0, until - from));
}

}  // namespace

std::string Report::keyOf(const Digest& digest) const {
    const std::int64_t offset = utcOffsetMinutes_ * kMinuteMs;
    switch (group_) {
        case v1::ReportRequest::GROUP_HOUR:
            return std::to_string(beginOf(digest.openedAtMs, kHourMs, offset));
        case v1::ReportRequest::GROUP_DAY:
            return std::to_string(beginOf(digest.openedAtMs, kDayMs, offset));
        case v1::ReportRequest::GROUP_AGENT:
            return digest.agent;
        case v1::ReportRequest::GROUP_DEPARTMENT:
            return digest.department;
        default:
            return {};
    }
}

void Report::add(const Digest& digest) {
    Row& row = rows_[keyOf(digest)];
    ++row.conversations;
    if (digest.closedAtMs != 0 && digest.assignedAtMs == 0) ++row.missed;
    row.visitorMessages += digest.visitorMessages;
    row.agentMessages += digest.agentMessages;
    addSpan(row.waits, digest.openedAtMs, digest.assignedAtMs);
    addSpan(row.firstResponses, digest.openedAtMs, digest.respondedAtMs);
    if (digest.assignedAtMs != 0) addSpan(row.handlings, digest.assignedAtMs, digest.closedAtMs);
    if (digest.score != 0) {
        ++row.ratings;
        row.scores += digest.score;
    }
}

v1::ReportResponse Report::rows() const {
    v1::ReportResponse response;
    for (const auto& [key, from] : rows_) {
        auto& row = *response.add_rows();
        row.set_key(key);
        row.set_conversations(from.conversations);
        row.set_missed(from.missed);
        row.set_visitor_messages(from.visitorMessages);
        row.set_agent_messages(from.agentMessages);
        *row.mutable_wait() = toDurations(from.waits);
        *row.mutable_first_response() = toDurations(from.firstResponses);
        *row.mutable_handling() = toDurations(from.handlings);
        row.set_ratings(from.ratings);
        if (from.ratings != 0) {
            row.set_mean_score(static_cast<double>(from.scores) / from.ratings);
        }
    }
    return response;
}

}  // namespace parlor::ledger
