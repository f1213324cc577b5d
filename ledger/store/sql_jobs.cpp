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

}  // namespace

Expected<void> SqlJobs::add(const Job& job, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
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
        }
        return job;
    });
}

Expected<void> SqlJobs::finish(const Ulid& id, const Expected<JobResult>& result) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        session.runOnce("delete_job_parts", std::tuple(id.str()), std::tuple<>());
        const Poco::Int64 state = result ? kDone : kFailed;
        const Poco::Int64 code = result ? 0 : static_cast<Poco::Int64>(result.error().code);
        const Poco::Int64 parts = result ? static_cast<Poco::Int64>(result->parts.size()) : 0;
        session.runOnce("finish_job",
                        std::tuple(state, code, result ? result->contentType : result.error().text,
                                   parts, id.str()),
                        std::tuple<>());
        for (Poco::Int64 part = 0; part < parts; ++part) {
            session.runOnce(
                "insert_job_part",
                std::tuple(id.str(), part, toBlob(result->parts[static_cast<std::size_t>(part)])),
                std::tuple<>());
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
