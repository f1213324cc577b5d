#include "ledger/search/indexer.h"

#include <algorithm>

#include "ledger/search/digest.h"

namespace parlor::ledger {
namespace {

// More than this are found again by a look at all conversations.
constexpr std::size_t kMostRemembered = 200'000;

}  // namespace

Indexer::Indexer(const IndexerOptions& options, std::unique_ptr<SearchIndex> index, bool isShared,
                 Poco::Logger& log)
    : options_(options),
      pace_(isShared ? options.manyWriters : options.oneWriter),
      index_(std::move(index)),
      log_(log) {}

Indexer::~Indexer() { stop(); }

void Indexer::start() {
    thread_ = std::thread([this] { run(); });
}

void Indexer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Indexer::recorded(const std::vector<ConversationId>& conversations, Clock::duration took) {
    load_.add(took);
    if (conversations.empty()) return;
    const std::scoped_lock lock(mutex_);
    if (advanced_.empty()) wake_.notify_all();
    advanced_.insert(conversations.begin(), conversations.end());
}

void Indexer::run() {
    std::vector<ConversationId> conversations;
    while (gather(conversations)) {
        if (!caughtUp_ && !catchUp()) {
            if (!rest(options_.retry)) return;
            continue;
        }
        if (index(std::move(conversations))) continue;
        caughtUp_ = false;  // the rest is found again
        if (!rest(options_.retry)) return;
    }
}

bool Indexer::gather(std::vector<ConversationId>& conversations) {
    std::unique_lock lock(mutex_);
    if (caughtUp_) wake_.wait(lock, [&] { return stopping_ || !advanced_.empty(); });
    wake_.wait_for(lock, options_.delay, [&] { return stopping_; });
    if (advanced_.size() > kMostRemembered) caughtUp_ = false;
    conversations.assign(advanced_.begin(), advanced_.end());
    advanced_.clear();
    return !stopping_;
}

// Says so once where it begins to fail.
template <class T>
bool Indexer::succeeded(const Expected<T>& result) {
    if (!result && !failing_) {
        poco_warning(log_, "indexing failed error=\"" + result.error().text + "\"");
    }
    failing_ = !result;
    return result.has_value();
}

bool Indexer::catchUp() {
    ConversationId after;
    for (;;) {
        const auto begin = Clock::now();
        const auto page = index_->behind(after, options_.page);
        if (!succeeded(page)) return false;
        if (!page->last) break;
        if (!rest(Clock::now() - begin)) return false;
        if (!index(page->ids)) return false;
        after = *page->last;
    }
    caughtUp_ = true;
    return true;
}

bool Indexer::index(std::vector<ConversationId> conversations) {
    while (!conversations.empty()) {
        const auto begin = Clock::now();
        const auto some = std::min<std::size_t>(conversations.size(), pace_.events);
        const std::vector<ConversationId> taken(conversations.end() - static_cast<long>(some),
                                                conversations.end());
        const auto advanced = index_->advance(taken, pace_.events, follow);
        if (!succeeded(advanced) && advanced.error().code != Errc::internal) return false;
        conversations.resize(conversations.size() - some);
        if (advanced) {
            conversations.insert(conversations.end(), advanced->unfinished.begin(),
                                 advanced->unfinished.end());
        } else if (some > 1) {
            // What the database refuses stays out of the index; the rest goes on.
            for (const auto& each : taken) {
                if (!index({each})) return false;
            }
        }
        const auto now = Clock::now();
        const auto most = (now - begin) * pace_.restFactor;
        const auto resting = std::chrono::duration<double>(most) * load_.take(now);
        if (!rest(std::chrono::duration_cast<Clock::duration>(resting))) return false;
    }
    return true;
}

bool Indexer::rest(Clock::duration time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

}  // namespace parlor::ledger
