#include "ledger/dispatch/herald.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kPage = 64;
constexpr std::size_t kMaxSeen = 1'000'000;  // retained entries to be checked
constexpr std::chrono::hours kRecentlyClosed{1};
constexpr std::chrono::hours kIdle{1};
constexpr std::chrono::milliseconds kRetry{500};

std::int64_t recentMs() {
    const auto since = std::chrono::system_clock::now() - kRecentlyClosed;
    return std::chrono::duration_cast<std::chrono::milliseconds>(since.time_since_epoch()).count();
}

bool fits(const topics::Queue& topic, const Conversation& row) {
    return row.state == ConversationState::waiting && row.site == topic.site &&
           row.department == topic.department;
}
bool fits(const topics::AssignedTo& topic, const Conversation& row) {
    return row.site == topic.site && isConcerned(row, topic.agent);
}

std::vector<ConversationId> idsOf(const std::vector<Announcer::Told>& settled) {
    std::vector<ConversationId> ids;
    for (const auto& told : settled) ids.push_back(told.conversation);
    return ids;
}

// It is among them.
const Announcer::Told& toldOf(const std::vector<Announcer::Told>& settled,
                              const ConversationId& conversation) {
    return *std::find_if(settled.begin(), settled.end(), [&](const Announcer::Told& told) {
        return told.conversation == conversation;
    });
}

}  // namespace

Herald::Herald(const HeraldOptions& options, std::unique_ptr<Reader> reader, Announcer& announcer,
               Poco::Logger& log, Turns turns, std::function<void()> wake)
    : options_(options),
      reader_(std::move(reader)),
      announcer_(announcer),
      log_(log),
      turns_(std::move(turns)),
      wake_(std::move(wake)) {}

void Herald::connected() {
    {
        const std::scoped_lock lock(mutex_);
        connected_ = true;
        restart_ = true;
        caughtUp_ = false;
    }
    wake_();
}

void Herald::disconnected() {
    const std::scoped_lock lock(mutex_);
    connected_ = false;
}

void Herald::republish(const ConversationId& conversation, std::function<void()> told) {
    {
        const std::scoped_lock lock(mutex_);
        asked_.push_back({conversation, std::move(told), turns_.newest()});
    }
    wake_();
}

void Herald::seen(const topics::Queue& topic) {
    {
        const std::scoped_lock lock(mutex_);
        if (seen_.size() < kMaxSeen) seen_.emplace_back(topic);
    }
    wake_();
}

void Herald::seen(const topics::AssignedTo& topic) {
    {
        const std::scoped_lock lock(mutex_);
        if (seen_.size() < kMaxSeen) seen_.emplace_back(topic);
    }
    wake_();
}

std::chrono::milliseconds Herald::step() {
    {
        const std::scoped_lock lock(mutex_);
        if (!connected_) return kIdle;
        if (restart_) round_ = Round{};
        restart_ = false;
    }
    if (!round_ && Clock::now() >= next_) round_ = Round{.again = true};
    if (announcer_.busy()) return kIdle;  // it wakes when there is room again
    const auto progress = {stepLater(), stepRound(),  stepAsked(),
                           stepSeen(),  stepMissed(), stepSettled()};
    switch (std::max(progress)) {
        case Progress::idle:
            return untilNext();
        case Progress::more:
            return std::chrono::milliseconds(0);
        case Progress::stuck:
            return kRetry;
    }
    return kIdle;
}

// The end of a turn wakes whoever waits for it.
Herald::Progress Herald::stepLater() {
    if (later_.empty() || !turns_.isOver(laterTurn_)) return Progress::idle;
    const auto count = std::min<std::size_t>(later_.size(), kPage);
    auto rows = reader_->conversations(std::span(later_).first(count));
    if (!rows || !publishOrPutOff(std::move(*rows))) return Progress::stuck;
    later_.erase(later_.begin(), later_.begin() + static_cast<std::ptrdiff_t>(count));
    return later_.empty() || !turns_.isOver(laterTurn_) ? Progress::idle : Progress::more;
}

Herald::Progress Herald::stepRound() {
    if (!round_) return Progress::idle;
    if (round_->isRead) {
        if (later_.empty()) endRound();
        return Progress::idle;
    }
    if (round_->again && Clock::now() < next_) return Progress::idle;
    auto rows = round_->closedOnes ? reader_->closedSince(round_->sinceMs, round_->after, kPage)
                                   : reader_->open(round_->after, kPage);
    if (!rows) return Progress::stuck;  // the next step goes on here
    if (rows->empty()) {
        endPart();
    } else {
        const auto [after, sinceMs] = std::pair(rows->back().id, rows->back().closedAtMs);
        if (!publishOrPutOff(std::move(*rows))) return Progress::stuck;
        round_->after = after;
        round_->sinceMs = sinceMs;
        next_ = Clock::now() + options_.pace;
    }
    return round_ && !round_->again ? Progress::more : Progress::idle;
}

void Herald::endPart() {
    if (!round_->closedOnes) {
        round_ =
            Round{.again = round_->again, .closedOnes = true, .after = {}, .sinceMs = recentMs()};
    } else if (later_.empty()) {
        endRound();
    } else {
        round_->isRead = true;
        next_ = Clock::time_point::max();
    }
}

void Herald::endRound() {
    const bool again = round_->again;
    round_.reset();
    next_ = Clock::now() + options_.again;
    if (again) return;
    {
        const std::scoped_lock lock(mutex_);
        caughtUp_ = !restart_;
    }
    poco_information(log_, "retained state published");
}

std::chrono::milliseconds Herald::untilNext() const {
    // Who doubts is woken by the end of a turn.
    const auto settled = doubts_ ? std::nullopt : announcer_.nextSettled();
    const auto next = std::min(next_, settled.value_or(next_));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), kIdle);
}

Herald::Progress Herald::stepAsked() {
    std::optional<Asked> asked;
    {
        const std::scoped_lock lock(mutex_);
        if (asked_.empty() || !turns_.isOver(asked_.front().turn)) return Progress::idle;
        asked = std::move(asked_.front());
        asked_.pop_front();
    }
    auto rows = reader_->conversations(std::span(&asked->conversation, 1));
    const bool isUnderWay = rows && !takeUnderWay(*rows).empty();
    if (isUnderWay) asked->turn = turns_.newest();
    if (!rows || isUnderWay || !publish(*rows)) {
        const std::scoped_lock lock(mutex_);
        asked_.push_front(std::move(*asked));
        return isUnderWay ? Progress::idle : Progress::stuck;
    }
    asked->told();
    return Progress::more;
}

std::vector<ConversationId> Herald::takeUnderWay(std::vector<Conversation>& rows) {
    std::vector<ConversationId> ids;
    for (const auto& row : rows) ids.push_back(row.id);
    auto underWay = turns_.underWay(ids);
    std::erase_if(rows, [&](const Conversation& row) {
        return std::find(underWay.begin(), underWay.end(), row.id) != underWay.end();
    });
    return underWay;
}

bool Herald::publishOrPutOff(std::vector<Conversation> rows) {
    const auto underWay = takeUnderWay(rows);
    if (!publish(rows)) return false;
    if (underWay.empty()) return true;
    later_.insert(later_.end(), underWay.begin(), underWay.end());
    laterTurn_ = turns_.newest();
    return true;
}

bool Herald::publish(const std::vector<Conversation>& rows) {
    const auto heads = reader_->heads(rows);
    if (!heads) return false;
    for (const auto& head : *heads) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Conversation& candidate) {
            return candidate.id == head.conversation;
        });
        const auto seq = head.stream == v1::STREAM_STAFF ? row->staff.seq : row->shared.seq;
        announcer_.event(row->site, row->id, head.stream, seq, head.bytes, true);
    }
    for (const auto& row : rows) announcer_.whole(row);
    return true;
}

Herald::Progress Herald::stepSeen() {
    if (!turns_.isOver(seenTurn_)) return Progress::idle;
    std::vector<Entry> entries;
    {
        const std::scoped_lock lock(mutex_);
        const auto count = std::min<std::size_t>(seen_.size(), kPage);
        entries.assign(seen_.begin(), seen_.begin() + static_cast<std::ptrdiff_t>(count));
        seen_.erase(seen_.begin(), seen_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (entries.empty()) return Progress::idle;
    std::vector<ConversationId> ids;
    for (const auto& entry : entries) ids.push_back(conversationOf(entry));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto rows = reader_->conversations(ids);
    if (!rows) {
        const std::scoped_lock lock(mutex_);
        seen_.insert(seen_.begin(), entries.begin(), entries.end());
        return Progress::stuck;
    }
    const auto underWay = turns_.underWay(ids);
    std::vector<Entry> putOff;
    for (const auto& entry : entries) {
        const bool now =
            std::find(underWay.begin(), underWay.end(), conversationOf(entry)) == underWay.end();
        if (now) {
            clearStale(entry, *rows);
        } else {
            putOff.push_back(entry);
        }
    }
    if (!putOff.empty()) seenTurn_ = turns_.newest();
    const std::scoped_lock lock(mutex_);
    seen_.insert(seen_.end(), putOff.begin(), putOff.end());
    return seen_.empty() || !putOff.empty() ? Progress::idle : Progress::more;
}

ConversationId Herald::conversationOf(const Entry& entry) {
    return std::visit([](const auto& topic) { return topic.conversation; }, entry);
}

void Herald::clearStale(const Entry& entry, const std::vector<Conversation>& rows) {
    const bool right = std::any_of(rows.begin(), rows.end(), [&](const Conversation& row) {
        return std::visit(
            [&](const auto& topic) { return topic.conversation == row.id && fits(topic, row); },
            entry);
    });
    if (right) return;
    if (const auto* queue = std::get_if<topics::Queue>(&entry)) {
        announcer_.clearQueueEntry(*queue);
    } else {
        announcer_.clearAssignment(std::get<topics::AssignedTo>(entry));
    }
}

Herald::Progress Herald::stepMissed() {
    const auto ids = announcer_.takeMissed(kPage);
    if (ids.empty()) return Progress::idle;
    auto rows = reader_->conversations(ids);
    if (!rows || !publishOrPutOff(std::move(*rows))) {
        announcer_.addMissed(ids);
        return Progress::stuck;
    }
    return ids.size() == kPage ? Progress::more : Progress::idle;
}

Herald::Progress Herald::stepSettled() {
    if (doubts_) return stepDoubts();
    auto settled = announcer_.takeSettled(kPage, Clock::now());
    if (settled.empty()) return Progress::idle;
    auto rows = outdated(settled);
    if (!rows) {
        announcer_.addMissed(idsOf(settled));
        return Progress::stuck;
    }
    if (rows->empty()) return settled.size() == kPage ? Progress::more : Progress::idle;
    doubts_ = Doubts{std::move(settled), std::move(*rows), turns_.newest()};
    return stepDoubts();
}

Herald::Progress Herald::stepDoubts() {
    if (!turns_.isOver(doubts_->turn)) return Progress::idle;
    auto rows = std::move(doubts_->rows);
    std::erase_if(rows, [&](const Conversation& row) {
        return announcer_.putBack(toldOf(doubts_->told, row.id));
    });
    const bool published = publish(rows);
    if (!published) announcer_.addMissed(idsOf(doubts_->told));
    doubts_.reset();
    return published ? Progress::more : Progress::stuck;
}

Expected<std::vector<Conversation>> Herald::outdated(const std::vector<Announcer::Told>& settled) {
    const auto now = reader_->standings(idsOf(settled));
    if (!now) return now.error();
    std::vector<ConversationId> moved;
    std::vector<ConversationId> closed;
    for (const auto& each : *now) {
        if (!toldOf(settled, each.id).isStill(each)) {
            moved.push_back(each.id);
        } else if (each.state == ConversationState::closed) {
            closed.push_back(each.id);
        }
    }
    // Erasing leaves numbers and state as they are; only what is closed is erased.
    const auto erased = otherThanTold(settled, closed);
    if (!erased) return erased.error();
    moved.insert(moved.end(), erased->begin(), erased->end());
    return reader_->conversations(moved);
}

// Those of which another event is the newest than was told.
Expected<std::vector<ConversationId>> Herald::otherThanTold(
    const std::vector<Announcer::Told>& settled, const std::vector<ConversationId>& of) {
    const auto rows = reader_->conversations(of);
    if (!rows) return rows.error();
    const auto heads = reader_->heads(*rows);
    if (!heads) return heads.error();
    std::vector<ConversationId> others;
    for (const auto& head : *heads) {
        if (toldOf(settled, head.conversation).isStill(head.stream, head.bytes)) continue;
        others.push_back(head.conversation);
    }
    return others;
}

}  // namespace parlor::ledger
