#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "bus/bus.h"

namespace parlor::bus {

// When to give up which operation. Most operations end long before their deadline and are not
// removed here: an entry that is due is only a hint to look whether its operation still waits. Not
// thread-safe.
class Deadlines {
 public:
    void add(Deadline at, std::uint64_t id) {
        heap_.push_back({at, id});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    std::optional<Deadline> next() const {
        if (heap_.empty()) return {};
        return heap_.front().at;
    }

    // The next entry that is due at `now`.
    std::optional<std::uint64_t> takeDue(Deadline now) {
        if (heap_.empty() || heap_.front().at > now) return {};
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const auto id = heap_.back().id;
        heap_.pop_back();
        return id;
    }

    // Drops the entries of operations that are over, once they are the bulk of it.
    template <class Alive>
    void compact(std::size_t alive, const Alive& isAlive) {
        if (heap_.size() < 4 * alive + 1024) return;
        std::erase_if(heap_, [&](const Entry& entry) { return !isAlive(entry.id); });
        std::make_heap(heap_.begin(), heap_.end(), later);
    }

 private:
    struct Entry {
        Deadline at;
        std::uint64_t id;
    };
    static bool later(const Entry& a, const Entry& b) { return a.at > b.at; }

    std::vector<Entry> heap_;
};

}  // namespace parlor::bus
