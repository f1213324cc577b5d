#include "ledger/dispatch/department_board.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "parlor/v1/state.pb.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::milliseconds kBetweenCounts{250};
// Business hours begin and end without anybody saying so.
constexpr std::chrono::seconds kCountAgain{20};
constexpr std::chrono::seconds kBetweenPlaces{1};
constexpr std::chrono::seconds kPlacesAgain{10};

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

DepartmentBoard::DepartmentBoard(Store& store, Announcer& announcer, const Desk& desk)
    : reader_(store.makeReader()),
      positions_(store.makeDispatchReader(), announcer),
      announcer_(announcer),
      desk_(desk) {}

DepartmentBoard::~DepartmentBoard() { stop(); }

void DepartmentBoard::start() {
    thread_ = std::thread([this] { run(); });
}

void DepartmentBoard::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void DepartmentBoard::changed() {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(dirty_, true)) return;
    }
    wake_.notify_all();
}

void DepartmentBoard::queueChanged(const SiteId& site, const DepartmentId& department) {
    {
        const std::scoped_lock lock(mutex_);
        auto& telling = telling_[{site, department}];
        telling.changed = true;
        telling.due = std::max(Clock::now(), telling.told + kBetweenPlaces);
    }
    wake_.notify_all();
}

void DepartmentBoard::waited(const SiteId& site, const DepartmentId& department,
                             std::chrono::milliseconds wait) {
    {
        const std::scoped_lock lock(mutex_);
        waits_[{site, department}].add(wait, Clock::now());
        dirty_ = true;
    }
    wake_.notify_all();
}

void DepartmentBoard::know(const topics::Department& topic) {
    {
        const std::scoped_lock lock(mutex_);
        if (!published_.try_emplace({topic.site, topic.department}).second) return;
        dirty_ = true;
    }
    wake_.notify_all();
}

void DepartmentBoard::connected() {
    {
        const std::scoped_lock lock(mutex_);
        for (auto& [key, bytes] : published_) bytes.clear();
        dirty_ = true;
    }
    wake_.notify_all();
}

DepartmentBoard::Clock::time_point DepartmentBoard::nextWork() const {
    auto next = nextCount_;
    for (const auto& [key, telling] : telling_) next = std::min(next, telling.due);
    return next;
}

void DepartmentBoard::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        // Whoever changes something may have moved the time up.
        while (!stopping_ && !dirty_ && Clock::now() < nextWork()) {
            wake_.wait_until(lock, nextWork());
        }
        if (stopping_) return;
        const bool count = dirty_ || Clock::now() >= nextCount_;
        dirty_ = false;
        if (count) nextCount_ = Clock::now() + kCountAgain;
        lock.unlock();
        const bool done = !count || refresh();
        tellPlaces();
        lock.lock();
        if (!done) dirty_ = true;
        wake_.wait_for(lock, kBetweenCounts, [&] { return stopping_; });
    }
}

// Names that visitors or old directories brought do not stay for ever.
void DepartmentBoard::forgetUnlisted(const std::map<Key, std::uint32_t>& waiting) {
    const auto stays = [&](const Key& key) {
        return waiting.contains(key) || desk_.isListed(key.first, key.second);
    };
    for (auto at = published_.begin(); at != published_.end();) {
        if (stays(at->first)) {
            ++at;
            continue;
        }
        announcer_.department({at->first.first, at->first.second}, {});  // no bytes: cleared
        at = published_.erase(at);
    }
    std::erase_if(waits_, [&](const auto& each) { return !stays(each.first); });
}

// False where the database is away.
bool DepartmentBoard::refresh() {
    const auto queues = reader_->queues();
    if (!queues) return false;
    std::map<Key, std::uint32_t> waiting;
    for (const auto& queue : *queues) waiting[{queue.site, queue.department}] = queue.waiting;

    const std::scoped_lock lock(mutex_);
    for (const auto& [key, count] : waiting) published_.try_emplace(key);
    for (const auto& site : desk_.directory().sites()) {
        const auto directory = desk_.directory().at(site);  // may be replaced meanwhile
        for (const auto& [id, entry] : directory->departments) {
            published_.try_emplace({site, id});
        }
    }
    forgetUnlisted(waiting);
    for (auto& [key, last] : published_) {
        const auto found = waiting.find(key);
        const auto online = desk_.online(key.first, key.second).size();
        v1::DepartmentState state;
        state.set_agents_online(static_cast<std::uint32_t>(online));
        state.set_open(online > 0 && desk_.isWithinHours(key.first, key.second, unixMs()));
        state.set_queue_length(found == waiting.end() ? 0 : found->second);
        const auto waits = waits_.find(key);
        if (waits != waits_.end()) state.set_expected_wait_s(waits->second.seconds(Clock::now()));
        // A state of nothing but zeros has no bytes, and must not look like one never published.
        auto bytes = encode(state) + '.';
        if (bytes == last) continue;
        last = std::move(bytes);
        announcer_.department({key.first, key.second}, state);
    }
    return true;
}

void DepartmentBoard::tellPlaces() {
    std::vector<std::pair<Key, Telling>> due;
    std::map<Key, std::uint32_t> seconds;
    {
        const std::scoped_lock lock(mutex_);
        for (auto& [key, telling] : telling_) {
            if (Clock::now() < telling.due) continue;
            due.emplace_back(key, telling);
            const auto waits = waits_.find(key);
            seconds[key] = waits == waits_.end() ? 0 : waits->second.seconds(Clock::now());
            const auto now = Clock::now();
            const auto again = now < telling.allDue ? telling.allDue : now + kPlacesAgain;
            telling = {again, now, again, false};
        }
    }
    for (const auto& [key, telling] : due) {
        const auto count =
            positions_.tell(key.first, key.second, seconds.at(key), Clock::now() >= telling.allDue);
        const std::scoped_lock lock(mutex_);
        const auto at = telling_.find(key);
        if (!count) {
            at->second.changed = true;
            at->second.due = Clock::now() + kBetweenPlaces;
        } else if (*count == 0 && !at->second.changed) {
            telling_.erase(at);
        }
    }
}

}  // namespace parlor::ledger
