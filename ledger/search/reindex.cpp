#include "ledger/search/reindex.h"

#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ledger/search/digest.h"

namespace parlor::ledger {
namespace {

using Group = std::vector<ConversationId>;

// Several threads that share one walk over the conversations.
class Run {
 public:
    Run(Store& store, const ReindexOptions& options, const ReindexProgress& progress)
        : store_(store), options_(options), progress_(progress), walk_(store.makeSearchIndex()) {}

    Expected<Reindexed> run() {
        std::vector<std::thread> threads;
        const std::size_t count = store_.isShared() ? options_.threads : 1;
        for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
        for (auto& thread : threads) thread.join();
        if (failure_) return *failure_;
        return soFar_;
    }

 private:
    void work() {
        const auto index = store_.makeSearchIndex();
        while (const auto group = next()) {
            const auto done = read(*index, *group);
            if (done) continue;
            const std::scoped_lock lock(mutex_);
            if (!failure_) failure_ = done.error();
        }
    }

    // Conversations with about as many events as a transaction is to have; nothing at the end.
    std::optional<Group> next() {
        const std::scoped_lock lock(mutex_);
        while (groups_.empty() && !failure_) {
            const auto page = walk_->behind(after_, options_.page);
            if (!page) {
                failure_ = page.error();
            } else if (!page->last) {
                return std::nullopt;
            } else {
                after_ = *page->last;
                addGroups(*page);
            }
        }
        if (failure_) return std::nullopt;
        auto group = std::move(groups_.front());
        groups_.pop_front();
        return group;
    }
    void addGroups(const BehindPage& page) {
        std::uint64_t events = options_.events;
        for (std::size_t i = 0; i < page.ids.size(); ++i) {
            if (events + page.unread[i] > options_.events) {
                groups_.emplace_back();
                events = 0;
            }
            groups_.back().push_back(page.ids[i]);
            events += page.unread[i];
        }
    }

    Expected<void> read(SearchIndex& index, Group group) {
        while (!group.empty()) {
            auto advanced = index.advance(group, options_.events, follow);
            if (advanced) {
                group = std::move(advanced->unfinished);
                count({.events = advanced->events});
                continue;
            }
            if (advanced.error().code != Errc::internal) return advanced.error();
            if (group.size() == 1) {
                count({.refused = 1});
                return {};
            }
            for (const auto& each : group) {
                if (const auto done = read(index, {each}); !done) return done;
            }
            return {};
        }
        return {};
    }
    void count(const Reindexed& more) {
        const std::scoped_lock lock(mutex_);
        soFar_.events += more.events;
        soFar_.refused += more.refused;
        progress_(soFar_);
    }

    Store& store_;
    const ReindexOptions options_;
    const ReindexProgress& progress_;

    std::mutex mutex_;
    const std::unique_ptr<SearchIndex> walk_;  // mutex_, as all below
    ConversationId after_;
    std::deque<Group> groups_;
    Reindexed soFar_;
    std::optional<Error> failure_;
};

}  // namespace

Expected<Reindexed> reindex(Store& store, const ReindexOptions& options,
                            const ReindexProgress& progress) {
    if (const auto done = store.makeSearchIndex()->empty(); !done) return done.error();
    return indexUnread(store, options, progress);
}

Expected<Reindexed> indexUnread(Store& store, const ReindexOptions& options,
                                const ReindexProgress& progress) {
    return Run(store, options, progress).run();
}

}  // namespace parlor::ledger
