#include "ledger/search/indexer.h"

#include "ledger/search/digest.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::seconds kRetry{2};
// More than this are found again by a look at all conversations.
constexpr std::size_t kMostRemembered = 200'000;

}  // namespace

Indexer::Indexer(const IndexerOptions& options, std::unique_ptr<SearchIndex> index,
                 Poco::Logger& log)
    : options_(options), index_(std::move(index)), log_(log) {}

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

void Indexer::advanced(const std::vector<ConversationId>& conversations) {
    const std::scoped_lock lock(mutex_);
    if (advanced_.empty()) wake_.notify_all();
    advanced_.insert(conversations.begin(), conversations.end());
}

void Indexer::run() {
    std::vector<ConversationId> conversations;
    while (gather(conversations)) {
        if (!caughtUp_ && !catchUp()) {
            if (!rest(kRetry)) return;
            continue;
        }
        for (const auto& id : conversations) {
            if (index(id)) continue;
            caughtUp_ = false;  // the rest is found again
            if (!rest(kRetry)) return;
            break;
        }
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
        for (const auto& id : page->ids) {
            if (!index(id)) return false;
        }
        after = *page->last;
    }
    caughtUp_ = true;
    return true;
}

bool Indexer::index(const ConversationId& conversation) {
    for (;;) {
        const auto begin = Clock::now();
        const auto taken = index_->advance(conversation, options_.events, follow);
        // What the database refuses stays out of the index; the rest goes on.
        if (!succeeded(taken)) return taken.error().code == Errc::internal;
        if (!rest((Clock::now() - begin) * options_.restFactor)) return false;
        if (*taken < options_.events) return true;
    }
}

bool Indexer::rest(Clock::duration time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

}  // namespace parlor::ledger
