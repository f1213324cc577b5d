#include "ledger/requests/report.h"

#include <algorithm>
#include <numeric>

namespace parlor::ledger {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxRangeMs = 366 * kDayMs;
constexpr std::int64_t kMaxRangeByHourMs = 92 * kDayMs;
constexpr std::int32_t kMaxOffsetMinutes = 14 * 60;
constexpr std::uint32_t kPage = 2000;

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

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

Expected<void> validate(const v1::ReportRequest& request) {
    if (request.from_ms() < 0 || request.until_ms() <= request.from_ms()) {
        return malformed("report: until_ms must be after from_ms");
    }
    const auto range = request.until_ms() - request.from_ms();
    if (range > kMaxRangeMs) return malformed("report: 366 days at most");
    if (request.group() == v1::ReportRequest::GROUP_HOUR && range > kMaxRangeByHourMs) {
        return malformed("report: 92 days at most by hours");
    }
    if (!v1::ReportRequest::Group_IsValid(request.group())) return malformed("report.group");
    if (request.utc_offset_minutes() < -kMaxOffsetMinutes ||
        request.utc_offset_minutes() > kMaxOffsetMinutes) {
        return malformed("report.utc_offset_minutes: -840 to 840");
    }
    return {};
}

Expected<v1::ReportResponse> makeReport(Archive& archive, const SiteId& site,
                                        const v1::ReportRequest& request, std::size_t most) {
    Report report(request.group(), request.utc_offset_minutes());
    ConversationId after;
    for (std::size_t count = 0;;) {
        const auto digests =
            archive.digests(site, request.from_ms(), request.until_ms(), after, kPage);
        if (!digests) return digests.error();
        for (const auto& digest : *digests) report.add(digest);
        count += digests->size();
        if (count > most) {
            return Error{Errc::tooLarge, "report: too many conversations; ask for less time"};
        }
        if (digests->size() < kPage) return report.rows();
        after = digests->back().conversation;
    }
}

}  // namespace parlor::ledger
