#include "ledger/requests/handlers.h"
#include "ledger/requests/report.h"

namespace parlor::ledger {
namespace {

constexpr std::int64_t kMaxRangeMs = std::int64_t{92} * 24 * 3600 * 1000;
constexpr std::uint32_t kPage = 2000;
constexpr std::size_t kMaxConversations = 500'000;
constexpr std::int32_t kMaxOffsetMinutes = 14 * 60;

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

Expected<void> validate(const v1::ReportRequest& request) {
    if (request.from_ms() < 0 || request.until_ms() <= request.from_ms()) {
        return malformed("report: until_ms must be after from_ms");
    }
    if (request.until_ms() - request.from_ms() > kMaxRangeMs) {
        return malformed("report: 92 days at most");
    }
    if (!v1::ReportRequest::Group_IsValid(request.group())) return malformed("report.group");
    if (request.utc_offset_minutes() < -kMaxOffsetMinutes ||
        request.utc_offset_minutes() > kMaxOffsetMinutes) {
        return malformed("report.utc_offset_minutes: -840 to 840");
    }
    return {};
}

}  // namespace

Expected<v1::Response> answerReport(Archive& archive, const Caller& caller,
                                    const v1::ReportRequest& request) {
    if (auto ok = validate(request); !ok) return ok.error();
    Report report(request.group(), request.utc_offset_minutes());
    ConversationId after;
    for (std::size_t count = 0;;) {
        const auto digests =
            archive.digests(caller.site, request.from_ms(), request.until_ms(), after, kPage);
        if (!digests) return digests.error();
        for (const auto& digest : *digests) report.add(digest);
        if (digests->size() < kPage) break;
        after = digests->back().conversation;
        count += digests->size();
        if (count > kMaxConversations) {
            return Error{Errc::tooLarge, "report: too many conversations; ask for less time"};
        }
    }
    v1::Response response;
    *response.mutable_report() = report.rows();
    return response;
}

}  // namespace parlor::ledger
