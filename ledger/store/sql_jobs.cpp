#include "ledger/store/sql_jobs.h"

#include <algorithm>

#include "ledger/store/sql_conversations.h"
#include "ledger/store/sql_directory.h"
#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

constexpr Poco::Int64 kPending = 1;
constexpr Poco::Int64 kDone = 2;
constexpr Poco::Int64 kFailed = 3;

std::optional<Job> readNext(SqlSession& session, std::int64_t nowMs) {
    Texts id;
    Texts site;
    Texts owner;
    Texts subject;
    Blobs request;
    session.runOnce("select_job", std::tuple(kPending, static_cast<Poco::Int64>(nowMs)),
                    std::tie(id, site, owner, subject, request));
    if (id.empty()) return std::nullopt;
    return Job{toId<Ulid>(id[0]), toId<SiteId>(site[0]), owner[0], subject[0], toBytes(request[0])};
}

std::vector<std::string> readParts(SqlSession& session, const Ulid& id) {
    Blobs data;
    session.runOnce("select_job_parts", std::tuple(id.str()), std::tie(data));
    std::vector<std::string> parts;
    for (const auto& each : data) parts.push_back(toBytes(each));
    return parts;
}

void writePart(SqlSession& session, const Ulid& id, std::size_t number, const std::string& data) {
    session.runOnce("insert_job_part",
                    std::tuple(id.str(), static_cast<Poco::Int64>(number), toBlob(data)),
                    std::tuple<>());
}

// Whether there is still something to be done; nobody else changes that until the end.
bool lockPending(SqlSession& session, const Ulid& id) {
    Numbers state;
    session.runOnce("lock_job", std::tuple(id.str()), std::tie(state));
    return !state.empty() && state.front() == kPending;
}

// Whoever erases the conversation has it locked: either it sees a job that comes now, or the job
// sees what it left. False where the site has no such conversation.
bool awaitErasure(SqlSession& session, const Job& job) {
    return lockConversation(session, job.site, job.subject).has_value();
}

void insert(SqlSession& session, const Job& job) {
    session.runOnce("insert_job",
                    std::tuple(job.id.str(), job.site.str(), std::string(job.owner),
                               std::string(job.subject), kPending, toBlob(job.request)),
                    std::tuple<>());
}

struct OwnedJob {
    std::string id;
    std::string owner;
};

// Those about a conversation, the oldest first.
std::vector<OwnedJob> readJobsOf(SqlSession& session, const SiteId& site,
                                 const std::string& conversation) {
    Texts id;
    Texts owner;
    session.runOnce("select_jobs_of", std::tuple(std::string(conversation), site.str()),
                    std::tie(id, owner));
    std::vector<OwnedJob> jobs;
    for (std::size_t i = 0; i < id.size(); ++i) jobs.push_back({id[i], owner[i]});
    return jobs;
}

void remove(SqlSession& session, const std::string& id) {
    // Locked first: one that is being finished right now has its parts before they are removed.
    lockPending(session, toId<Ulid>(id));
    for (const auto* statement : {"delete_job_parts", "delete_job"}) {
        session.runOnce(statement, std::tuple(std::string(id)), std::tuple<>());
    }
}

std::optional<JobStatus> readStatus(SqlSession& session, const SiteId& site,
                                    const std::string& owner, const std::string& id,
                                    std::uint32_t part) {
    Numbers state;
    Numbers code;
    Texts text;
    Numbers parts;
    session.runOnce("select_job_status",
                    std::tuple(std::string(id), site.str(), std::string(owner)),
                    std::tie(state, code, text, parts));
    if (state.empty()) return std::nullopt;
    JobStatus status;
    status.done = state[0] != kPending;
    if (state[0] == kFailed) status.failure = Error{static_cast<Errc>(code[0]), text[0]};
    if (state[0] != kDone) return status;
    status.contentType = text[0];
    status.parts = static_cast<std::uint32_t>(parts[0]);
    if (part >= status.parts) return status;
    Blobs data;
    session.runOnce("select_job_part", std::tuple(std::string(id), static_cast<Poco::Int64>(part)),
                    std::tie(data));
    if (!data.empty()) status.data = toBytes(data[0]);
    return status;
}

Expected<JobStatus> orNotFound(Expected<std::optional<JobStatus>> found) {
    if (!found) return found.error();
    if (!*found) return Error{Errc::notFound, "no such job"};
    return std::move(**found);
}

}  // namespace

Expected<void> SqlJobs::add(const Job& job, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        if (!job.subject.empty()) awaitErasure(session, job);
        insert(session, job);
        writeDeed(session, deed);
        return {};
    });
}

Expected<void> SqlJobs::addOnce(const Job& job) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        // Which also keeps two replicas from adding the same.
        if (!awaitErasure(session, job)) return Error{Errc::notFound, "no such conversation"};
        auto others = readJobsOf(session, job.site, job.subject);
        const auto isSame = [&](const OwnedJob& other) { return other.owner == job.owner; };
        if (std::any_of(others.begin(), others.end(), isSame)) return {};
        std::erase_if(others, [](const OwnedJob& other) { return !isVisitors(other.owner); });
        for (std::size_t i = 0; i + kMostJobsOfVisitor <= others.size(); ++i) {
            remove(session, others[i].id);
        }
        insert(session, job);
        return {};
    });
}

Expected<std::optional<Job>> SqlJobs::claim(std::int64_t nowMs, std::int64_t leaseMs) {
    // Mostly there is none: that is seen without locking anything.
    const auto any = readFrom(
        connection_, [&](SqlSession& session) { return readNext(session, nowMs).has_value(); });
    if (!any) return any.error();
    if (!*any) return std::optional<Job>();
    return transact(connection_, [&](SqlSession& session) -> Expected<std::optional<Job>> {
        auto job = readNext(session, nowMs);
        if (job) {
            session.runOnce("lease_job",
                            std::tuple(static_cast<Poco::Int64>(leaseMs), job->id.str()),
                            std::tuple<>());
            job->progress = readParts(session, job->id);
        }
        return job;
    });
}

Expected<void> SqlJobs::keep(const Ulid& id, std::uint32_t number, const std::string& piece,
                             std::int64_t leaseMs) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        if (!lockPending(session, id)) return Error{Errc::notFound, "no such job"};
        session.runOnce("delete_job_part", std::tuple(id.str(), static_cast<Poco::Int64>(number)),
                        std::tuple<>());
        writePart(session, id, number, piece);
        session.runOnce("lease_job", std::tuple(static_cast<Poco::Int64>(leaseMs), id.str()),
                        std::tuple<>());
        return {};
    });
}

Expected<void> SqlJobs::release(const Ulid& id) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        session.runOnce("lease_job", std::tuple(Poco::Int64{0}, id.str()), std::tuple<>());
        return {};
    });
}

Expected<void> SqlJobs::finish(const Ulid& id, const Expected<JobResult>& result) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        if (!lockPending(session, id)) return {};
        session.runOnce("delete_job_parts", std::tuple(id.str()), std::tuple<>());
        const Poco::Int64 state = result ? kDone : kFailed;
        const Poco::Int64 code = result ? 0 : static_cast<Poco::Int64>(result.error().code);
        const Poco::Int64 parts = result ? static_cast<Poco::Int64>(result->parts.size()) : 0;
        session.runOnce("finish_job",
                        std::tuple(state, code, result ? result->contentType : result.error().text,
                                   parts, id.str()),
                        std::tuple<>());
        for (std::size_t part = 0; result && part < result->parts.size(); ++part) {
            writePart(session, id, part, result->parts[part]);
        }
        return {};
    });
}

Expected<JobStatus> SqlJobs::status(const SiteId& site, const std::string& owner, const Ulid& id,
                                    std::uint32_t part) {
    return orNotFound(readFrom(connection_, [&](SqlSession& session) {
        return readStatus(session, site, owner, id.str(), part);
    }));
}

Expected<JobStatus> SqlJobs::visitorStatus(const SiteId& site, const ConversationId& conversation,
                                           const RequestId& request, std::uint32_t part) {
    const auto owner = visitorOwner(conversation, request);
    return orNotFound(readFrom(connection_, [&](SqlSession& session) -> std::optional<JobStatus> {
        for (const auto& job : readJobsOf(session, site, conversation.str())) {
            if (job.owner == owner) return readStatus(session, site, owner, job.id, part);
        }
        return std::nullopt;
    }));
}

Expected<void> SqlJobs::forget(const Ulid& before) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        session.runOnce("forget_job_parts", std::tuple(before.str()), std::tuple<>());
        session.runOnce("forget_jobs", std::tuple(before.str()), std::tuple<>());
        return {};
    });
}

}  // namespace parlor::ledger
