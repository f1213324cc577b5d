#include "ledger/dispatch/department_board.h"

#include <vector>

#include "parlor/v1/state.pb.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::milliseconds kBetweenCounts{250};

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

DepartmentBoard::DepartmentBoard(std::unique_ptr<Reader> reader, Announcer& announcer,
                                 const Desk& desk)
    : reader_(std::move(reader)), announcer_(announcer), desk_(desk) {}

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

void DepartmentBoard::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_.wait(lock, [&] { return dirty_ || stopping_; });
        if (stopping_) return;
        dirty_ = false;
        lock.unlock();
        const bool done = refresh();
        lock.lock();
        if (!done) dirty_ = true;
        wake_.wait_for(lock, kBetweenCounts, [&] { return stopping_; });
    }
}

// False where the database is away.
bool DepartmentBoard::refresh() {
    const auto queues = reader_->queues();
    if (!queues) return false;
    std::map<Key, std::uint32_t> waiting;
    for (const auto& queue : *queues) waiting[{queue.site, queue.department}] = queue.waiting;

    const std::scoped_lock lock(mutex_);
    for (const auto& [key, count] : waiting) published_.try_emplace(key);
    for (auto& [key, last] : published_) {
        const auto found = waiting.find(key);
        v1::DepartmentState state;
        const auto online = desk_.online(key.first, key.second).size();
        state.set_agents_online(static_cast<std::uint32_t>(online));
        state.set_open(online > 0 && desk_.isWithinHours(key.first, key.second, unixMs()));
        state.set_queue_length(found == waiting.end() ? 0 : found->second);
        // A state of nothing but zeros has no bytes, and must not look like one never published.
        auto bytes = encode(state) + '.';
        if (bytes == last) continue;
        last = std::move(bytes);
        announcer_.department({key.first, key.second}, state);
    }
    return true;
}

}  // namespace parlor::ledger
