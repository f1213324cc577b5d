#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parlor/v1/directory.pb.h"

namespace parlor::ledger {

// When a department is open, in its own time zone. Immutable; any thread.
class OpeningHours {
 public:
    OpeningHours() = default;  // always open
    // A time zone that isTimeZone() does not know counts as UTC.
    explicit OpeningHours(const v1::DepartmentProfile& profile);

    bool isOpen(std::int64_t unixMs) const;
    // Whether there is such a time zone (IANA).
    static bool isTimeZone(const std::string& name);

 private:
    class Zone;

    std::vector<v1::OpeningTime> times_;  // none: always
    std::shared_ptr<const Zone> zone_;    // none: UTC
};

}  // namespace parlor::ledger
