#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "ledger/search/digest.h"
#include "ledger/search/search.h"
#include "proto/codec.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {

// Conversations in a database of their own, and what follows them.
class ArchiveSuite : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        if (!store_) return;
        writer_ = store_->makeWriter();
        archive_ = store_->makeArchive();
        index_ = store_->makeSearchIndex();
    }

    static constexpr DocumentId kLast = std::numeric_limits<std::int64_t>::max();
    const SiteId kShop = *SiteId::parse("shop");

    // Opened so many minutes after the start of the test's day.
    Conversation row(int minute, const std::string& department = "general") {
        const auto at = kDay + std::chrono::minutes(minute);
        Conversation made{.id = ConversationId(Ulid::generate(at)),
                          .site = kShop,
                          .department = *DepartmentId::parse(department),
                          .agent = {},
                          .shared = {},
                          .staff = {},
                          .visitorName = "李雷",
                          .preview = {}};
        made.openedAtMs = msOf(at);
        return made;
    }
    static std::int64_t msOf(std::chrono::system_clock::time_point at) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
    }
    void save(const std::vector<Conversation>& rows, std::vector<NewEvent> events = {},
              std::vector<Participant> participants = {}) {
        Changes changes;
        changes.participants = std::move(participants);
        for (const auto& each : rows) changes.opened.push_back(&each);
        changes.events = std::move(events);
        Snapshot snapshot;
        const auto done =
            writer_->record({}, snapshot, [&]() -> const Changes& { return changes; });
        ASSERT_TRUE(done) << done.error().text;
    }
    static NewEvent event(Conversation& in, v1::Event event,
                          v1::Stream stream = v1::STREAM_SHARED) {
        auto& head = stream == v1::STREAM_STAFF ? in.staff : in.shared;
        ++head.seq;
        event.set_conversation(in.id.str());
        event.set_stream(stream);
        event.set_seq(head.seq);
        event.set_recorded_at_ms(in.openedAtMs + static_cast<std::int64_t>(head.seq) * 1000);
        return {.key = {in.id, RequestId::generate()},
                .place = {stream, head.seq},
                .recordedAtMs = event.recorded_at_ms(),
                .bytes = encode(event),
                .hash = std::string(32, 'h')};
    }
    static v1::Event message(const std::string& text, bool byAgent = false) {
        v1::Event made;
        made.mutable_author()->set_kind(byAgent ? v1::Party::KIND_AGENT : v1::Party::KIND_VISITOR);
        made.mutable_message()->set_text(text);
        return made;
    }
    void indexAll() {
        const auto behind = index_->behind(ConversationId(), 1000);
        ASSERT_TRUE(behind) << behind.error().text;
        for (auto unfinished = behind->ids; !unfinished.empty();) {
            const auto advanced = index_->advance(unfinished, 3, follow);
            ASSERT_TRUE(advanced) << advanced.error().text;
            EXPECT_THAT(advanced->events, testing::AllOf(testing::Gt(0U), testing::Le(3U)));
            unfinished = advanced->unfinished;
        }
        EXPECT_THAT(index_->behind(ConversationId(), 1000)->ids, testing::IsEmpty());
    }
    std::vector<std::string> find(const std::string& text, std::uint32_t limit = 50) {
        const auto query = SearchQuery::parse(text);
        EXPECT_TRUE(query);
        std::vector<std::string> texts;
        for (DocumentId next = kLast; next != 0;) {
            const auto page = search(*index_, kShop, *query, 0, next, limit);
            EXPECT_TRUE(page);
            if (!page) break;
            EXPECT_LE(page->events.size(), limit);
            for (const auto& found : page->events) {
                texts.push_back(searchableText(*decode<v1::Event>(found.bytes)));
            }
            next = page->next;
        }
        return texts;
    }
    std::vector<ConversationId> list(ListQuery query) {
        std::vector<ConversationId> ids;
        query.limit = 2;
        for (;;) {
            const auto rows = archive_->list(query);
            EXPECT_TRUE(rows) << rows.error().text;
            if (!rows || rows->empty()) return ids;
            for (const auto& each : *rows) ids.push_back(each.id);
            query.before = ids.back();
        }
    }

    const std::chrono::system_clock::time_point kDay{std::chrono::hours(24 * 20000)};
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Archive> archive_;
    std::unique_ptr<SearchIndex> index_;
};

}  // namespace parlor::ledger::test
