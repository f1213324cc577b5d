#include "ledger/store/jobs.h"

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::string_view kVisitor = "visitor/";  // no agent's id has a "/"

}  // namespace

v1::JobResponse toResponse(const JobStatus& status) {
    v1::JobResponse job;
    job.set_state(!status.done     ? v1::JobResponse::STATE_PENDING
                  : status.failure ? v1::JobResponse::STATE_FAILED
                                   : v1::JobResponse::STATE_DONE);
    if (status.failure) *job.mutable_failure() = toFailure(*status.failure);
    job.set_content_type(status.contentType);
    job.set_parts(status.parts);
    job.set_data(status.data);
    return job;
}

std::string visitorOwner(const ConversationId& conversation, const RequestId& request) {
    return std::string(kVisitor) + conversation.str() + "/" + request.str();
}

bool isVisitors(std::string_view owner) { return owner.starts_with(kVisitor); }

}  // namespace parlor::ledger
