#include "ledger/store/sql_jobs.h"

#include "ledger/store/sql_directory.h"
#include "ledger/store/sql_rows.h"
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
// sees what it left.
void awaitErasure(SqlSession& session, const std::string& conversation) {
    Texts ids{conversation};
    ConversationColumns found;
    session.runRows("lock_conversations", std::tie(ids), found.all());
}

}  // namespace

Expected<void> SqlJobs::add(const Job& job, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        if (!job.subject.empty()) awaitErasure(session, job.subject);
        session.runOnce("insert_job",
                        std::tuple(job.id.str(), job.site.str(), std::string(job.owner),
                                   std::string(job.subject), kPending, toBlob(job.request)),
                        std::tuple<>());
        writeDeed(session, deed);
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
    auto found = readFrom(connection_, [&](SqlSession& session) -> std::optional<JobStatus> {
        Numbers state;
        Numbers code;
        Texts text;
        Numbers parts;
        session.runOnce("select_job_status", std::tuple(id.str(), site.str(), std::string(owner)),
                        std::tie(state, code, text, parts));
        if (state.empty()) return std::nullopt;
        JobStatus status;
        status.done = state[0] != kPending;
        if (state[0] == kFailed) status.failure = Error{static_cast<Errc>(code[0]), text[0]};
        if (state[0] != kDone) return status;
        status.contentType = text[0];
        status.parts = static_cast<std::uint32_t>(parts[0]);
        Blobs data;
        session.runOnce("select_job_part", std::tuple(id.str(), static_cast<Poco::Int64>(part)),
                        std::tie(data));
        if (!data.empty()) status.data = toBytes(data[0]);
        return status;
    });
    if (!found) return found.error();
    if (!*found) return Error{Errc::notFound, "no such job"};
    return std::move(**found);
}

Expected<void> SqlJobs::forget(const Ulid& before) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        session.runOnce("forget_job_parts", std::tuple(before.str()), std::tuple<>());
        session.runOnce("forget_jobs", std::tuple(before.str()), std::tuple<>());
        return {};
    });
}

}  // namespace parlor::ledger
