#include "ledger/requests/handlers.h"
#include "ledger/requests/report.h"

namespace parlor::ledger {

Expected<v1::Response> answerReport(Archive& archive, JobStore& jobs, const Caller& caller,
                                    const v1::Request& request, std::size_t mostAtOnce) {
    if (auto ok = validate(request.report()); !ok) return ok.error();
    auto report = makeReport(archive, caller.site, request.report(), mostAtOnce);
    if (!report && report.error().code == Errc::tooLarge) {
        return answerNewJob(jobs, caller, request);
    }
    if (!report) return report.error();
    v1::Response response;
    *response.mutable_report() = std::move(*report);
    return response;
}

}  // namespace parlor::ledger
