#include "ledger/directory/opening_hours.h"

#include <unicode/timezone.h>

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMinutesADay = 24 * 60;
constexpr std::int64_t kEpochWeekday = 3;  // 1970-01-01 was a Thursday; Monday is 0

std::unique_ptr<icu::TimeZone> zoneOf(const std::string& name) {
    std::unique_ptr<icu::TimeZone> zone(
        icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
    // What it does not know it takes for this one, which behaves as UTC.
    if (zone && *zone == icu::TimeZone::getUnknown()) zone.reset();
    return zone;
}

}  // namespace

class OpeningHours::Zone {
 public:
    explicit Zone(std::unique_ptr<icu::TimeZone> zone) : zone_(std::move(zone)) {}

    std::int64_t offsetMs(std::int64_t unixMs) const {
        std::int32_t raw = 0;
        std::int32_t daylight = 0;
        UErrorCode status = U_ZERO_ERROR;
        zone_->getOffset(static_cast<UDate>(unixMs), /*local=*/false, raw, daylight, status);
        return U_SUCCESS(status) ? raw + daylight : 0;
    }

 private:
    const std::unique_ptr<const icu::TimeZone> zone_;
};

OpeningHours::OpeningHours(const v1::DepartmentProfile& profile)
    : times_(profile.hours().begin(), profile.hours().end()) {
    if (times_.empty() || profile.time_zone().empty()) return;
    if (auto zone = zoneOf(profile.time_zone())) zone_ = std::make_shared<Zone>(std::move(zone));
}

bool OpeningHours::isOpen(std::int64_t unixMs) const {
    if (times_.empty()) return true;
    const auto local = (unixMs + (zone_ ? zone_->offsetMs(unixMs) : 0)) / kMinuteMs;
    const auto weekday = (local / kMinutesADay + kEpochWeekday) % 7 + 1;
    const auto minute = local % kMinutesADay;
    return std::any_of(times_.begin(), times_.end(), [&](const v1::OpeningTime& time) {
        return time.weekday() == weekday && minute >= time.from_minute() &&
               minute < time.until_minute();
    });
}

bool OpeningHours::isTimeZone(const std::string& name) { return zoneOf(name) != nullptr; }

}  // namespace parlor::ledger
