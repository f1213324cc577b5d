#pragma once

// One function for each kind of request; each is asked on behalf of a caller who may. An error
// becomes the response's failure.

#include "ledger/directory/profile_keeper.h"
#include "ledger/requests/permissions.h"
#include "ledger/store/archive.h"
#include "ledger/store/directory.h"
#include "ledger/store/jobs.h"
#include "ledger/store/search_index.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

Expected<v1::Response> answerDirectory(ProfileKeeper& keeper, Archive& archive,
                                       const Caller& caller, const v1::Request& request);
Expected<v1::Response> answerAudit(DirectoryStore& store, const Caller& caller,
                                   const v1::AuditRequest& request);
// Writes to the audit what was done to an account of the broker.
Expected<v1::Response> answerDeed(DirectoryStore& store, const Caller& caller,
                                  const v1::DeedRequest& request);
Expected<v1::Response> answerCanned(ProfileKeeper& keeper, const Caller& caller,
                                    const v1::CannedRequest& request);
Expected<v1::Response> answerConversations(Archive& archive, const Caller& caller,
                                           const v1::ConversationsRequest& request);
Expected<v1::Response> answerSearch(SearchIndex& index, const Caller& caller,
                                    const v1::SearchRequest& request);
// A report; past `mostAtOnce` conversations the job that makes it.
Expected<v1::Response> answerReport(Archive& archive, JobStore& jobs, const Caller& caller,
                                    const v1::Request& request, std::size_t mostAtOnce);
// A transcript, an erasure or a long report: to be done by the job runner.
Expected<v1::Response> answerNewJob(JobStore& jobs, const Caller& caller,
                                    const v1::Request& request);
// By a gateway, for the visitor; method "status" tells how far it is.
Expected<v1::Response> answerVisitorsTranscript(JobStore& jobs, const Caller& caller,
                                                const v1::TranscriptRequest& request);
Expected<v1::Response> answerJob(JobStore& jobs, const Caller& caller,
                                 const v1::JobRequest& request);

}  // namespace parlor::ledger
