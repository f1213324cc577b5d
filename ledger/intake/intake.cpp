#include "ledger/intake/intake.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

// How long the end waits for what was told to settle.
constexpr std::chrono::milliseconds kLastSettling{500};

}  // namespace

Intake::Intake(const IntakeOptions& options, std::vector<std::unique_ptr<Writer>> writers,
               Announcer& announcer, const Desk& desk, Metrics& metrics, Poco::Logger& log,
               Batch::Changed changed, Chore chore)
    : stuckAfter_(options.stuckAfter),
      announcer_(announcer),
      metrics_(metrics),
      drafts_(metrics, log),
      changed_(std::move(changed)),
      chore_(std::move(chore)),
      queue_(options.queue, options.pace),
      recorded_(writers.size()) {
    for (auto& writer : writers) {
        recorders_.push_back(std::make_unique<Recorder>(
            options, queue_, std::move(writer), recorded_, announcer, desk, metrics, drafts_, log));
    }
}

Intake::~Intake() { stop(bus::Clock::now()); }

void Intake::start() {
    for (auto& recorder : recorders_) recorder->start();
    thread_ = std::thread([this] { run(); });
}

void Intake::stop(bus::Deadline deadline) {
    queue_.close();
    for (auto& recorder : recorders_) recorder->endAt(deadline);
    for (auto& recorder : recorders_) recorder->join();
    settleUntil_ = std::min(deadline, bus::Clock::now() + kLastSettling);
    recorded_.close();
    if (thread_.joinable()) thread_.join();
}

std::optional<Drop> Intake::submit(Received received) {
    if (const auto* why = std::get_if<Drop>(&received)) return *why;
    if (const auto* refusal = std::get_if<Refusal>(&received)) {
        drafts_.refused(refusal->error.code, {{}, {}, refusal->traceparent});
        v1::Response response;
        *response.mutable_failure() = toFailure(refusal->error);
        announcer_.reply(refusal->reply, response);
        return {};
    }
    auto& submission = std::get<Submission>(received);
    if (queue_.push(std::move(submission))) return {};
    drafts_.dropped(Drop::overloaded, idsOf(submission));
    announcer_.reply(*submission.reply,
                     refuseAll(submission, {Errc::overloaded, "the ledger has too much to do"}));
    return {};
}

void Intake::submit(Command command) { queue_.push(toSubmission(std::move(command))); }

void Intake::run() {
    std::chrono::milliseconds nextChore{0};
    while (!recorded_.finished() || isSettling()) {
        const auto until = std::min(bus::Clock::now() + nextChore, settleUntil_.load());
        const auto recorded = recorded_.take(until);
        if (recorded.batch) {
            recorded.batch->announce(announcer_, metrics_, drafts_, changed_);
            recorded_.end(recorded.turn);
        }
        metrics_.queueDepth(queue_.size());
        choreBegun_ = bus::Clock::now();
        nextChore = chore_();
        choreBegun_ = kNone;
    }
}

bool Intake::isSettling() const {
    return announcer_.hasUnsettled() && bus::Clock::now() < settleUntil_.load();
}

bool Intake::healthy() const {
    const auto begun = choreBegun_.load();
    if (begun != kNone && bus::Clock::now() - begun > stuckAfter_) return false;
    return std::all_of(recorders_.begin(), recorders_.end(),
                       [](const auto& recorder) { return recorder->healthy(); });
}

}  // namespace parlor::ledger
