#include "ledger/intake/recorder.h"

#include <algorithm>

#include "proto/codec.h"
#include "proto/trace.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::milliseconds kBackoffMin{20};
constexpr std::chrono::milliseconds kBackoffMax{2000};

}  // namespace

Recorder::Recorder(const RecorderOptions& options, SubmissionQueue& queue,
                   std::unique_ptr<Writer> writer, RecordedQueue& recorded, Announcer& announcer,
                   const Desk& desk, Metrics& metrics, DraftLog& drafts, Poco::Logger& log)
    : options_(options),
      queue_(queue),
      writer_(std::move(writer)),
      recorded_(recorded),
      announcer_(announcer),
      desk_(desk),
      metrics_(metrics),
      drafts_(drafts),
      log_(log),
      random_(std::random_device{}()) {}

Recorder::~Recorder() {
    endAt(bus::Clock::now());
    join();
}

void Recorder::start() {
    thread_ = std::thread([this] { run(); });
}

void Recorder::endAt(bus::Deadline deadline) {
    {
        const std::scoped_lock lock(mutex_);
        stopAt_ = deadline;
    }
    stopped_.notify_all();
}

void Recorder::join() {
    if (thread_.joinable()) thread_.join();
}

void Recorder::run() {
    while (!queue_.finished()) {
        auto taken = queue_.take();
        const bool goOn = taken.submissions.empty() || recordAll(std::move(taken.submissions));
        queue_.giveBack(taken.conversations);
        if (!goOn) return;
    }
}

bool Recorder::recordAll(std::vector<Submission> submissions) {
    for (int failures = 0;; ++failures) {
        if (failures > 0 && !backOff(failures)) return false;
        // What its sender has given up, and told somebody so, must not be recorded behind his back.
        dropExpired(submissions);
        if (submissions.empty() && healthy()) return true;
        // Without submissions it still asks for a transaction: is the database back?
        const bool probing = submissions.empty();
        submissions = recordOnce(std::move(submissions));
        if (submissions.empty() && (healthy() || !probing)) return true;
    }
}

std::vector<Submission> Recorder::recordOnce(std::vector<Submission> submissions) {
    auto batch = std::make_unique<Batch>(std::move(submissions), desk_, options_.reopenWithin);
    const auto scope = batch->scope();
    const auto turn = recorded_.begin(scope.conversations);
    const auto begin = bus::Clock::now();
    begun_ = begin;
    const auto done = writer_->record(scope, batch->snapshot(),
                                      [&]() -> const Changes& { return batch->decide(); });
    begun_ = kNone;
    if (done) {
        metrics_.committed(batch->drafts(), bus::Clock::now() - begin);
        setHealthy(true, {});
        recorded_.push({turn, std::move(batch)});
        return {};
    }
    recorded_.end(turn);
    metrics_.commitFailed();
    if (done.error().code == Errc::internal) {
        setHealthy(true, {});  // it answers
        recordApart(std::move(*batch).takeSubmissions(), done.error());
        return {};
    }
    setHealthy(false, done.error().text);
    return std::move(*batch).takeSubmissions();
}

// The database refuses something in there: each by itself, so that only the one to blame fails.
bool Recorder::recordApart(std::vector<Submission> submissions, const Error& why) {
    if (submissions.size() > 1) {
        return std::all_of(submissions.begin(), submissions.end(), [this](Submission& submission) {
            std::vector<Submission> one;
            one.push_back(std::move(submission));
            return recordAll(std::move(one));
        });
    }
    for (const auto& submission : submissions) {
        poco_error(log_, "record refused conversation=" + submission.conversation.str() +
                             " error=\"" + why.text + "\"" + traceMember(submission.traceparent));
        metrics_.refused(Errc::internal);
        if (const auto* command = std::get_if<Command>(&submission.content)) {
            command->ticket->outcome = Ticket::Outcome::refused;
        }
        if (!submission.reply) continue;
        announcer_.reply(*submission.reply,
                         refuseAll(submission, {Errc::internal, "the database refused it"}));
    }
    return true;
}

void Recorder::dropExpired(std::vector<Submission>& submissions) {
    const auto now = bus::Clock::now();
    std::erase_if(submissions, [&](const Submission& submission) {
        if (now < submission.giveUp) return false;
        drafts_.dropped(Drop::expired, idsOf(submission));
        return true;
    });
}

void Recorder::setHealthy(bool healthy, const std::string& why) {
    if (healthy_.exchange(healthy) == healthy) return;
    if (healthy) {
        poco_information(log_, "database back, recording again");
    } else {
        poco_warning(log_, "database away, posts wait error=\"" + why + "\"");
    }
}

bool Recorder::healthy() const {
    const auto begun = begun_.load();
    const bool stuck = begun != kNone && bus::Clock::now() - begun > options_.stuckAfter;
    return healthy_ && !stuck;
}

bool Recorder::backOff(int failures) {
    const auto most = std::min(kBackoffMax, kBackoffMin * (1 << std::min(failures, 7)));
    std::uniform_int_distribution<std::int64_t> jitter(1, most.count());
    const auto until = bus::Clock::now() + std::chrono::milliseconds(jitter(random_));
    std::unique_lock lock(mutex_);
    // Once stop() was called there is no use in waiting longer than its deadline.
    stopped_.wait_until(lock, stopAt_ ? std::min(until, *stopAt_) : until,
                        [&] { return stopAt_ && bus::Clock::now() >= *stopAt_; });
    return !stopAt_ || bus::Clock::now() < *stopAt_;
}

}  // namespace parlor::ledger
