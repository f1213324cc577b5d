#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/store/archive.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

// Gathers conversations' digests into the rows of a report.
class Report {
 public:
    Report(v1::ReportRequest::Group group, std::int32_t utcOffsetMinutes)
        : group_(group), utcOffsetMinutes_(utcOffsetMinutes) {}

    void add(const Digest& digest);
    v1::ReportResponse rows() const;

 private:
    struct Row {
        std::uint32_t conversations = 0;
        std::uint32_t missed = 0;
        std::uint64_t visitorMessages = 0;
        std::uint64_t agentMessages = 0;
        std::vector<std::int64_t> waits;
        std::vector<std::int64_t> firstResponses;
        std::vector<std::int64_t> handlings;
        std::uint32_t ratings = 0;
        std::uint64_t scores = 0;
    };

    std::string keyOf(const Digest& digest) const;

    const v1::ReportRequest::Group group_;
    const std::int32_t utcOffsetMinutes_;
    std::map<std::string, Row> rows_;
};

// malformed where the request is not what the schema's comments allow.
Expected<void> validate(const v1::ReportRequest& request);
// The report of a valid request. tooLarge where there are more than `most` conversations.
Expected<v1::ReportResponse> makeReport(Archive& archive, const SiteId& site,
                                        const v1::ReportRequest& request, std::size_t most);

}  // namespace parlor::ledger
