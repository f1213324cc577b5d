#include "ledger/requests/job_runner.h"

#include <algorithm>
#include <limits>
#include <span>
#include <tuple>

#include "ledger/requests/job_lease.h"
#include "ledger/requests/report.h"
#include "ledger/requests/transcript.h"
#include "ledger/search/erasure.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kMostReported = 5'000'000;  // conversations
constexpr std::chrono::hours kRemembered{24};
// A gateway gives up after half a minute, and its visitor asks within the next.
constexpr std::chrono::hours kRefusalsRemembered{1};
// Little at a time, so that recording is not held up.
constexpr std::chrono::minutes kForgetEvery{5};
constexpr std::uint32_t kHistoryPage = 500;
constexpr std::uint32_t kRemovedAtOnce = 50;
constexpr std::size_t kMaxTranscriptEvents = 200'000;
// A gateway has all of it in its memory.
constexpr std::size_t kMaxVisitorTranscriptBytes = std::size_t{4} * 1024 * 1024;
// So that recording is not held up.
constexpr std::chrono::milliseconds kRestBetweenRemovals{20};

Error tooLong() { return {Errc::tooLarge, "the conversation is too long"}; }

Expected<void> readStream(Reader& reader, const SiteId& site, const ConversationId& id,
                          v1::Stream stream, std::vector<v1::Event>& events,
                          std::size_t mostBytes = std::numeric_limits<std::size_t>::max()) {
    std::size_t size = 0;
    for (std::uint64_t after = 0;;) {
        const auto page = reader.history({site, id, stream, after, kHistoryPage});
        if (!page) return page.error();
        for (const auto& bytes : page->events) {
            auto event = decode<v1::Event>(bytes);
            if (!event) return Error{Errc::internal, "an event in the database does not parse"};
            after = event->seq();
            size += bytes.size();
            events.push_back(std::move(*event));
        }
        if (page->events.size() < kHistoryPage) return {};
        if (events.size() > kMaxTranscriptEvents || size > mostBytes) return tooLong();
    }
}

Expected<void> readChain(Reader& reader, const Conversation& row, v1::Stream stream,
                         v1::RecordedConversation::Chain& chain) {
    const Head& head = stream == v1::STREAM_STAFF ? row.staff : row.shared;
    chain.set_head_seq(head.seq);
    chain.set_head_hash(head.hash);
    std::vector<v1::Event> events;
    if (auto done = readStream(reader, row.site, row.id, stream, events); !done) return done;
    for (auto& event : events) {
        if (event.seq() <= head.seq) *chain.add_events() = std::move(event);
    }
    return {};
}

JobResult cut(std::string contentType, const std::string& whole) {
    JobResult result{std::move(contentType), {}};
    for (std::size_t at = 0; at < whole.size(); at += kMaxJobPartBytes) {
        result.parts.push_back(whole.substr(at, kMaxJobPartBytes));
    }
    return result;
}

Expected<JobResult> reportResult(Archive& archive, const SiteId& site,
                                 const v1::ReportRequest& request) {
    const auto report = makeReport(archive, site, request, kMostReported);
    if (!report) return report.error();
    return cut("application/x-protobuf; messageType=parlor.v1.ReportResponse", encode(*report));
}

}  // namespace

JobRunner::JobRunner(const JobOptions& options, Store& store, Poco::Logger& log,
                     ErasureWays erasing)
    : options_(options),
      log_(log),
      jobs_(store.makeJobs()),
      reader_(store.makeReader()),
      archive_(store.makeArchive()),
      eraser_(store.makeEraser()),
      erasure_(store, *jobs_, *reader_, *eraser_, std::move(erasing), awaiter_) {}

JobRunner::~JobRunner() { stop(); }

void JobRunner::start() {
    thread_ = std::thread([this] { run(); });
}

void JobRunner::stop() {
    awaiter_.stop();
    wake();
    if (thread_.joinable()) thread_.join();
}

void JobRunner::wake() {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
    wake_.notify_all();
}

void JobRunner::run() {
    auto nextSweep = Clock::now();
    auto nextForget = Clock::now() + kForgetEvery;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, options_.poll, [&] { return woken_; });
            woken_ = false;
        }
        if (awaiter_.isStopping()) return;
        while (!awaiter_.isStopping() && runOne()) {
        }
        if (Clock::now() >= nextForget) {
            nextForget = Clock::now() + kForgetEvery;
            forgetOld();
        }
        if (options_.retentionDays != 0 && Clock::now() >= nextSweep) {
            const bool swept = removeOld();
            nextSweep = Clock::now() + (swept ? options_.sweep : options_.sweepRetry);
        }
    }
}

bool JobRunner::runOne() {
    const auto job = jobs_->claim(unixMs(), jobLeaseMs());
    if (!job || !*job) return false;
    const auto result = carryOut(**job);
    // What the database was away for is tried again once the lease has run out.
    if (!result && result.error().code == Errc::unavailable) {
        if (awaiter_.isStopping()) static_cast<void>(jobs_->release((*job)->id));
        return false;
    }
    const auto done = jobs_->finish((*job)->id, result);
    if (!done) {
        poco_warning(log_, "job not finished error=\"" + done.error().text + "\"");
    }
    return done.has_value();
}

Expected<JobResult> JobRunner::carryOut(const Job& job) {
    const auto request = decode<v1::Request>(job.request);
    if (!request) return request.error();
    switch (request->body_case()) {
        case v1::Request::kTranscript:
            return makeTranscript(job, request->transcript());
        case v1::Request::kErase:
            return eraseVisitor(job, request->erase());
        case v1::Request::kReport:
            return reportResult(*archive_, job.site, request->report());
        default:
            return Error{Errc::internal, "no such job"};
    }
}

Expected<JobResult> JobRunner::makeTranscript(const Job& job,
                                              const v1::TranscriptRequest& request) {
    const auto id = ConversationId::parse(request.conversation());
    if (!id) return id.error();
    if (request.format() == v1::TranscriptRequest::FORMAT_RECORD) {
        return makeRecord(job.site, *id, request.notes());
    }
    if (!request.request_id().empty()) return makeVisitorTranscript(job.site, *id, request);
    std::vector<v1::Event> events;
    auto done = readStream(*reader_, job.site, *id, v1::STREAM_SHARED, events);
    if (done && request.notes()) {
        done = readStream(*reader_, job.site, *id, v1::STREAM_STAFF, events);
    }
    if (!done) return done.error();
    // A note stands behind the shared event that was the newest when it was written.
    const auto place = [](const v1::Event& event) {
        const bool staff = event.stream() == v1::STREAM_STAFF;
        return std::tuple(staff ? event.after_seq() : event.seq(), staff, event.seq());
    };
    std::sort(events.begin(), events.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
    return cut(contentTypeOf(request.format()),
               transcript(events, request.format(), request.language()));
}

Expected<JobResult> JobRunner::makeVisitorTranscript(const SiteId& site, const ConversationId& id,
                                                     const v1::TranscriptRequest& request) {
    std::vector<v1::Event> events;
    auto done =
        readStream(*reader_, site, id, v1::STREAM_SHARED, events, kMaxVisitorTranscriptBytes);
    if (!done) return done.error();
    for (auto& event : events) leaveForVisitors(event);
    const auto text = transcript(events, request.format(), request.language());
    if (text.size() > kMaxVisitorTranscriptBytes) return tooLong();
    return cut(contentTypeOf(request.format()), text);
}

Expected<JobResult> JobRunner::makeRecord(const SiteId& site, const ConversationId& id,
                                          bool notes) {
    // Before the events: what comes after is not looked at.
    const auto rows = reader_->conversations(std::span(&id, 1));
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().site != site) {
        return Error{Errc::notFound, "no such conversation"};
    }
    const auto& row = rows->front();
    v1::RecordedConversation record;
    record.set_site(site.str());
    record.set_conversation(id.str());
    auto done = readChain(*reader_, row, v1::STREAM_SHARED, *record.mutable_shared());
    if (done && notes) done = readChain(*reader_, row, v1::STREAM_STAFF, *record.mutable_staff());
    if (!done) return done.error();
    return cut(contentTypeOf(v1::TranscriptRequest::FORMAT_RECORD), recordText(record));
}

Expected<JobResult> JobRunner::eraseVisitor(const Job& job, const v1::EraseRequest& request) {
    const auto receipt = erasure_.carryOut(job, request);
    if (!receipt) return receipt.error();
    return cut("application/x-protobuf; messageType=parlor.v1.ErasureReceipt", encode(*receipt));
}

void JobRunner::forgetOld() {
    auto done = jobs_->forget(Ulid::generate(std::chrono::system_clock::now() - kRemembered));
    if (done) {
        const auto age = std::chrono::milliseconds(kRefusalsRemembered).count();
        done = eraser_->forgetRefusals(unixMs() - age);
    }
    if (!done) {
        poco_warning(log_,
                     "not forgotten: old jobs and refusals error=\"" + done.error().text + "\"");
    }
}

bool JobRunner::removeOld() {
    const std::int64_t before =
        unixMs() - std::chrono::milliseconds(std::chrono::hours(24)).count() *
                       std::int64_t{options_.retentionDays};
    const auto failed = [&](const Error& why) {
        poco_warning(log_, "retention failed error=\"" + why.text + "\"");
        return false;
    };
    std::size_t removed = 0;
    for (;;) {
        const auto old = eraser_->closedBefore(before, kRemovedAtOnce);
        if (!old) return failed(old.error());
        if (old->empty()) break;
        for (const auto& conversation : *old) {
            const auto done = eraser_->remove(conversation, termsOfEvent);
            if (!done) return failed(done.error());
            ++removed;
            if (!awaiter_.rest(kRestBetweenRemovals)) return true;
        }
    }
    if (removed != 0) {
        poco_information(log_, "retention removed conversations=" + std::to_string(removed));
    }
    return true;
}

}  // namespace parlor::ledger
