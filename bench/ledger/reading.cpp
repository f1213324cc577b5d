#include "bench/ledger/reading.h"

#include <random>
#include <stdexcept>

#include "ledger/search/digest.h"
#include "ledger/search/indexer.h"
#include "ledger/search/reindex.h"
#include "ledger/search/search.h"
#include "ledger/search/terms.h"
#include "proto/codec.h"

namespace parlor::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFew = 10'000;
constexpr std::uint32_t kPerConversation = 100;
constexpr std::size_t kConversationsAtOnce = 10;
constexpr std::uint32_t kPage = 50;
constexpr std::uint32_t kSearchPage = 20;
constexpr int kReads = 2000;
constexpr int kSearches = 500;
constexpr int kWords = 5000;
constexpr int kWordsInAText = 12;
constexpr std::size_t kTalking = 1000;  // conversations with an event each before they are indexed
constexpr int kTalks = 10;
constexpr std::chrono::seconds kMeasureLimit{10};

template <class T>
T orThrow(Expected<T> result) {
    if (!result) throw std::runtime_error(result.error().text);
    return std::move(*result);
}

// Conversations that speak a small language, in which few words are said often.
class Corpus {
 public:
    explicit Corpus(ledger::Store& store)
        : store_(store),
          pace_(store.isShared() ? ledger::IndexerOptions().manyWriters
                                 : ledger::IndexerOptions().oneWriter),
          writer_(store.makeWriter()),
          index_(store.makeSearchIndex()) {}

    // Until there are so many events, all of them indexed. How many a second were.
    double grow(std::uint64_t events) {
        while (events_ < events) {
            const auto added = record(kConversationsAtOnce, kPerConversation);
            conversations_.insert(conversations_.end(), added.begin(), added.end());
            events_ += added.size() * kPerConversation;
        }
        const auto begin = Clock::now();
        const auto indexed = orThrow(ledger::indexUnread(store_, {}, [](const auto&) {}));
        return static_cast<double>(indexed.events) /
               std::chrono::duration<double>(Clock::now() - begin).count();
    }
    // Indexed as they come while many conversations go on: events a second.
    double followTalks() {
        Clock::duration time{};
        for (int i = 0; i < kTalks; ++i) {
            const auto added = record(kTalking, 1);
            const auto begin = Clock::now();
            index(added);
            time += Clock::now() - begin;
        }
        return kTalks * kTalking / std::chrono::duration<double>(time).count();
    }
    std::uint64_t events() const { return events_; }
    const ConversationId& conversation() {
        return conversations_[std::uniform_int_distribution<std::size_t>(
            0, conversations_.size() - 1)(random_)];
    }
    std::string word() {
        const double share = std::uniform_real_distribution<double>(0, 1)(random_);
        return "word" + std::to_string(static_cast<int>(kWords * share * share * share));
    }

 private:
    std::vector<ConversationId> record(std::size_t conversations, std::uint32_t each) {
        std::vector<ledger::Conversation> rows;
        ledger::Changes changes;
        ledger::Scope scope;
        for (std::size_t i = 0; i < conversations; ++i) {
            rows.push_back({.id = ConversationId::generate(),
                            .site = *SiteId::parse("shop"),
                            .department = *DepartmentId::parse("general")});
        }
        for (auto& row : rows) {
            row.openedAtMs = row.waitingSinceMs = now_;
            row.shared = {each, std::string(32, 'h')};
            for (std::uint64_t seq = 1; seq <= each; ++seq) {
                changes.events.push_back(event(row.id, seq));
            }
            scope.conversations.push_back(row.id);
            changes.opened.push_back(&row);
        }
        ledger::Snapshot snapshot;
        const auto done =
            writer_->record(scope, snapshot, [&]() -> const ledger::Changes& { return changes; });
        if (!done) throw std::runtime_error(done.error().text);
        return scope.conversations;
    }
    // As the indexer does, without its rests.
    void index(std::span<const ConversationId> conversations) {
        while (!conversations.empty()) {
            const auto some =
                conversations.first(std::min<std::size_t>(conversations.size(), pace_.events));
            conversations = conversations.subspan(some.size());
            for (std::vector<ConversationId> left(some.begin(), some.end()); !left.empty();) {
                left = orThrow(index_->advance(left, pace_.events, ledger::follow)).unfinished;
            }
        }
    }
    ledger::NewEvent event(const ConversationId& conversation, std::uint64_t seq) {
        const auto request = RequestId::generate();
        v1::Event event;
        event.set_conversation(conversation.str());
        event.set_stream(v1::STREAM_SHARED);
        event.set_seq(seq);
        event.set_recorded_at_ms(++now_);
        event.set_request_id(request.str());
        std::string text;
        for (int i = 0; i < kWordsInAText; ++i) text += word() + " ";
        event.mutable_message()->set_text(text);
        return {.key = {conversation, request},
                .place = {v1::STREAM_SHARED, seq},
                .recordedAtMs = now_,
                .bytes = encode(event),
                .hash = std::string(32, 'h')};
    }

    ledger::Store& store_;
    const ledger::IndexerOptions::Pace pace_;
    const std::unique_ptr<ledger::Writer> writer_;
    const std::unique_ptr<ledger::SearchIndex> index_;
    std::mt19937 random_{1};
    std::vector<ConversationId> conversations_;
    std::uint64_t events_ = 0;
    std::int64_t now_ = 1764000000000;
};

// Calls it so often, or as often as there is time for.
template <class Work>
Latencies timed(int times, Work&& work) {
    Latencies latencies;
    const auto until = Clock::now() + kMeasureLimit;
    for (int i = 0; i < times && Clock::now() < until; ++i) {
        const auto begin = Clock::now();
        work();
        latencies.add(Clock::now() - begin);
    }
    return latencies;
}

void measure(ledger::Store& store, Corpus& corpus, const std::string& suffix, Report& report) {
    const auto reader = store.makeReader();
    const auto index = store.makeSearchIndex();
    const auto site = *SiteId::parse("shop");
    report.setLatencies("history_" + suffix, timed(kReads, [&] {
                            orThrow(reader->history({site, corpus.conversation(), v1::STREAM_SHARED,
                                                     kPerConversation / 4, kPage}));
                        }));
    report.setLatencies(
        "search_" + suffix, timed(kSearches, [&] {
            const auto query = ledger::SearchQuery::parse(corpus.word() + " " + corpus.word());
            orThrow(ledger::search(*index, site, *query, 0,
                                   ledger::firstDocumentAt(4'000'000'000'000), kSearchPage));
        }));
}

}  // namespace

void measureReading(ledger::Store& store, const std::string& name, const ReadingLoad& load,
                    Report& report) {
    Corpus corpus(store);
    corpus.grow(std::min(kFew, load.events));
    measure(store, corpus, name + "_10k", report);
    report.set("index_rate_" + name, corpus.grow(load.events), "events/s");
    measure(store, corpus, name + "_full", report);
    report.set("follow_rate_" + name, corpus.followTalks(), "events/s");
    report.set("read_events_" + name, static_cast<double>(corpus.events()), "events");
}

}  // namespace parlor::bench
