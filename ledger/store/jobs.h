#pragma once

// The port to what takes long: jobs that any replica may carry out and anyone may answer for.
// Failures of every call: those of store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/directory.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor::ledger {

struct Job {
    Ulid id;
    SiteId site;
    std::string owner;                       // who asked
    std::string subject;                     // the conversation it is about; empty: several
    std::string request;                     // a serialized v1::Request
    std::vector<std::string> progress = {};  // what whoever was at it before has kept
};

struct JobResult {
    std::string contentType;
    std::vector<std::string> parts;
};

struct JobStatus {
    bool done = false;  // it has a result or a failure
    std::optional<Error> failure;
    std::string contentType;
    std::uint32_t parts = 0;
    std::string data;  // of the part that was asked for
};

// How far it is, and the part's data.
v1::JobResponse toResponse(const JobStatus& status);

// Nobody signs in for a visitor: the job belongs to the request, of which the conversation's
// visitor knows at every gateway.
std::string visitorOwner(const ConversationId& conversation, const RequestId& request);
bool isVisitors(std::string_view owner);
// Of one conversation.
inline constexpr std::size_t kMostJobsOfVisitor = 4;

inline constexpr std::size_t kMaxJobPartBytes = std::size_t{256} * 1024;

// Belongs to one thread at a time.
class JobStore {
 public:
    virtual ~JobStore() = default;

    virtual Expected<void> add(const Job& job, const Deed& deed) = 0;
    // A visitor's, whose subject is the conversation: nothing happens where its owner has one
    // already, and of those that visitors have in that conversation the oldest goes for it where
    // there are kMostJobsOfVisitor. notFound where the site has no such conversation.
    virtual Expected<void> addOnce(const Job& job) = 0;
    // The oldest one that is to be done and that nobody is at, which from now on is the caller's
    // until `leaseMs`.
    virtual Expected<std::optional<Job>> claim(std::int64_t nowMs, std::int64_t leaseMs) = 0;
    // Keeps the next piece of its progress, numbered from 0 on, and the job for the caller until
    // `leaseMs`. notFound where the job is gone or finished.
    virtual Expected<void> keep(const Ulid& id, std::uint32_t number, const std::string& piece,
                                std::int64_t leaseMs) = 0;
    // The caller lets go of it: whoever asks next may have it.
    virtual Expected<void> release(const Ulid& id) = 0;
    // Nothing happens where the job is gone (what it is about was erased), or was finished by
    // another. What was asked for is forgotten.
    virtual Expected<void> finish(const Ulid& id, const Expected<JobResult>& result) = 0;
    // notFound where there is none of that owner at the site.
    virtual Expected<JobStatus> status(const SiteId& site, const std::string& owner, const Ulid& id,
                                       std::uint32_t part) = 0;
    // The same of a visitor's request.
    virtual Expected<JobStatus> visitorStatus(const SiteId& site,
                                              const ConversationId& conversation,
                                              const RequestId& request, std::uint32_t part) = 0;
    // Removes those made before.
    virtual Expected<void> forget(const Ulid& before) = 0;
};

}  // namespace parlor::ledger
