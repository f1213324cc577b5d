// Jobs, erasing and removing, on every database that is installed.

#include <gmock/gmock.h>

#include <thread>

#include "ledger/search/digest.h"
#include "ledger/search/erasure.h"
#include "ledger/store/eraser.h"
#include "ledger/store/jobs.h"
#include "ledger/store/sql_check.h"
#include "ledger/store/sql_rows.h"
#include "ledger/store/sql_session.h"
#include "proto/codec.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const SiteId kShop = *SiteId::parse("shop");
const AgentId kAlice = *AgentId::parse("alice");
const AgentId kBob = *AgentId::parse("bob");
const Deed kNoDeed{kShop, {}, {}, {}};

class JobStoreTest : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        if (store_) jobs_ = store_->makeJobs();
    }
    static Job job(const std::string& subject = "") {
        return {Ulid::generate(), kShop, "alice", subject, std::string("\0\xff", 2)};
    }

    // Past the port.
    std::unique_ptr<SqlSession> session() {
        sqlDatabase_.emplace(database_->url());
        return std::make_unique<SqlSession>(*sqlDatabase_, SessionUse::write);
    }
    std::vector<std::string> partsOf(const Ulid& id) {
        Blobs data;
        session()->runOnce("select_job_parts", std::tuple(id.str()), std::tie(data));
        std::vector<std::string> parts;
        for (const auto& each : data) parts.push_back(toBytes(each));
        return parts;
    }

    std::unique_ptr<JobStore> jobs_;

 private:
    std::optional<SqlDatabase> sqlDatabase_;
};

TEST_P(JobStoreTest, IsClaimedByOneUntilItsLeaseRunsOut) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    const auto first = jobs_->claim(1000, 2000);
    ASSERT_TRUE(first && *first) << (first ? "" : first.error().text);
    EXPECT_EQ((*first)->id, made.id);
    EXPECT_EQ((*first)->request, made.request);
    EXPECT_FALSE(*jobs_->claim(1500, 2500));
    EXPECT_TRUE(*jobs_->claim(2001, 3000));  // whoever had it is gone
    EXPECT_FALSE(jobs_->status(kShop, "alice", made.id, 0)->done);

    ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {"a", std::string("\0b", 2)}}));
    EXPECT_FALSE(*jobs_->claim(9000, 9999));
    const auto status = jobs_->status(kShop, "alice", made.id, 1);
    ASSERT_TRUE(status) << status.error().text;
    EXPECT_TRUE(status->done);
    EXPECT_EQ(status->parts, 2U);
    EXPECT_EQ(status->contentType, "text/plain");
    EXPECT_EQ(status->data, std::string("\0b", 2));
    EXPECT_EQ(jobs_->status(kShop, "bob", made.id, 0).error().code, Errc::notFound);
    EXPECT_EQ(jobs_->status(*SiteId::parse("other"), "alice", made.id, 0).error().code,
              Errc::notFound);
    ASSERT_TRUE(
        jobs_->forget(Ulid::generate(std::chrono::system_clock::now() + std::chrono::minutes(1))));
    EXPECT_EQ(jobs_->status(kShop, "alice", made.id, 0).error().code, Errc::notFound);
}

TEST_P(JobStoreTest, AFailureIsKept) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    ASSERT_TRUE(jobs_->finish(made.id, Error{Errc::notFound, "no such 会话"}));
    const auto status = jobs_->status(kShop, "alice", made.id, 0);
    ASSERT_TRUE(status && status->failure);
    EXPECT_EQ(status->failure->code, Errc::notFound);
    EXPECT_EQ(status->failure->text, "no such 会话");
}

TEST_P(JobStoreTest, WhatIsKeptIsThereForWhoeverGoesOn) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    ASSERT_TRUE(*jobs_->claim(1000, 2000));
    ASSERT_TRUE(jobs_->keep(made.id, 0, "list", 3000));
    ASSERT_TRUE(jobs_->keep(made.id, 1, std::string("\0x", 2), 3000));
    ASSERT_TRUE(jobs_->keep(made.id, 1, std::string("\0y", 2), 4000));
    EXPECT_FALSE(*jobs_->claim(3500, 5000)) << "the lease was prolonged";
    ASSERT_TRUE(jobs_->release(made.id));
    const auto next = jobs_->claim(3500, 5000);
    ASSERT_TRUE(next && *next);
    EXPECT_THAT((*next)->progress, testing::ElementsAre("list", std::string("\0y", 2)));
    EXPECT_FALSE(jobs_->status(kShop, "alice", made.id, 0)->done);

    ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {"a"}}));
    EXPECT_EQ(jobs_->status(kShop, "alice", made.id, 0)->data, "a");
    EXPECT_EQ(jobs_->status(kShop, "alice", made.id, 1)->data, "");
    EXPECT_EQ(jobs_->keep(made.id, 0, "late", 9000).error().code, Errc::notFound);
}

// Whoever lost its lease, or its job, comes too late.
TEST_P(JobStoreTest, IsFinishedOnce) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {"first"}}));
    ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {"second", "more"}}));
    const auto status = jobs_->status(kShop, "alice", made.id, 0);
    EXPECT_EQ(status->data, "first");
    EXPECT_EQ(status->parts, 1U);
    EXPECT_THAT(partsOf(made.id), testing::ElementsAre("first"));
}

TEST_P(JobStoreTest, ForgetsWhatWasAskedFor) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {}}));
    constexpr Poco::Int64 kDone = 2;
    Texts id;
    Texts site;
    Texts owner;
    Texts subject;
    Blobs request;
    session()->runOnce("select_job", std::tuple(kDone, Poco::Int64{1}),
                       std::tie(id, site, owner, subject, request));
    ASSERT_THAT(request, SizeIs(1));
    EXPECT_EQ(toBytes(request.front()), "");
}

TEST_P(JobStoreTest, ReplicasShareTheWork) {
    constexpr int kJobs = 12;
    for (int i = 0; i < kJobs; ++i) ASSERT_TRUE(jobs_->add(job(), kNoDeed));
    std::atomic<int> claimed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            const auto mine = store_->makeJobs();
            for (;;) {
                const auto one = mine->claim(1, 1000);
                ASSERT_TRUE(one) << one.error().text;
                if (!*one) {
                    if (claimed.load() >= kJobs) return;
                    continue;
                }
                ++claimed;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(claimed.load(), kJobs);
}

class VisitorJobTest : public JobStoreTest {
 protected:
    void SetUp() override {
        JobStoreTest::SetUp();
        if (store_) open(row_);
    }
    void open(const Conversation& row) {
        Changes changes;
        changes.opened = {&row};
        Snapshot snapshot;
        ASSERT_TRUE(store_->makeWriter()->record({}, snapshot,
                                                 [&]() -> const Changes& { return changes; }));
    }
    Job jobOf(const RequestId& request) const {
        return {Ulid::generate(), kShop, visitorOwner(row_.id, request), row_.id.str(), "request"};
    }
    // "" where there is none.
    std::string resultOf(const RequestId& request, std::uint32_t part = 0) {
        const auto status = jobs_->visitorStatus(kShop, row_.id, request, part);
        return status ? status->data : "";
    }

    const Conversation row_{.id = ConversationId::generate(),
                            .site = kShop,
                            .department = *DepartmentId::parse("sales"),
                            .agent = {},
                            .shared = {},
                            .staff = {},
                            .visitorName = {},
                            .preview = {}};
};

TEST_P(VisitorJobTest, IsMadeOnceHoweverOftenItIsAskedFor) {
    const auto request = RequestId::generate();
    ASSERT_TRUE(jobs_->addOnce(jobOf(request)));
    const auto first = jobs_->claim(1000, 2000);
    ASSERT_TRUE(first && *first);
    ASSERT_TRUE(jobs_->addOnce(jobOf(request)));
    EXPECT_FALSE(*jobs_->claim(1000, 2000));
    EXPECT_FALSE(jobs_->visitorStatus(kShop, row_.id, request, 0)->done);
    ASSERT_TRUE(jobs_->finish((*first)->id, JobResult{"text/plain", {"one", "two"}}));
    EXPECT_EQ(resultOf(request), "one");
    EXPECT_EQ(resultOf(request, 1), "two");
    const auto beyond = jobs_->visitorStatus(kShop, row_.id, request, 0xffffffff);
    ASSERT_TRUE(beyond) << beyond.error().text;
    EXPECT_EQ(beyond->parts, 2U);
    EXPECT_EQ(beyond->data, "");
}

TEST_P(VisitorJobTest, IsItsConversationsOnly) {
    const auto request = RequestId::generate();
    ASSERT_TRUE(jobs_->addOnce(jobOf(request)));
    const auto code = [&](const SiteId& site, const ConversationId& conversation) {
        const auto status = jobs_->visitorStatus(site, conversation, request, 0);
        return status ? std::optional<Errc>() : status.error().code;
    };
    EXPECT_EQ(code(kShop, row_.id), std::nullopt);
    EXPECT_EQ(code(kShop, ConversationId::generate()), Errc::notFound);
    EXPECT_EQ(code(*SiteId::parse("other"), row_.id), Errc::notFound);

    auto nowhere = jobOf(request);
    nowhere.subject = ConversationId::generate().str();
    EXPECT_EQ(jobs_->addOnce(nowhere).error().code, Errc::notFound);
    auto elsewhere = jobOf(RequestId::generate());
    elsewhere.site = *SiteId::parse("other");
    EXPECT_EQ(jobs_->addOnce(elsewhere).error().code, Errc::notFound);
}

TEST_P(VisitorJobTest, TheOldestGoesForAnotherAndStaffsStay) {
    const auto staffs = job(row_.id.str());
    ASSERT_TRUE(jobs_->add(staffs, kNoDeed));
    std::vector<RequestId> requests;
    std::vector<Ulid> ids;
    for (std::size_t i = 0; i <= kMostJobsOfVisitor; ++i) {
        requests.push_back(RequestId::generate());
        const auto made = jobOf(requests.back());
        ASSERT_TRUE(jobs_->addOnce(made));
        ASSERT_TRUE(jobs_->finish(made.id, JobResult{"text/plain", {std::to_string(i)}}));
        ids.push_back(made.id);
    }
    EXPECT_EQ(resultOf(requests.front()), "");
    EXPECT_THAT(partsOf(ids.front()), IsEmpty());
    EXPECT_THAT(partsOf(ids.back()), SizeIs(1));
    for (std::size_t i = 1; i < requests.size(); ++i) {
        EXPECT_EQ(resultOf(requests[i]), std::to_string(i));
    }
    EXPECT_TRUE(jobs_->status(kShop, "alice", staffs.id, 0));
}

TEST_P(VisitorJobTest, ReplicasAddItOnce) {
    const auto request = RequestId::generate();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            const auto done = store_->makeJobs()->addOnce(jobOf(request));
            EXPECT_TRUE(done) << done.error().text;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(*jobs_->claim(1000, 2000));
    EXPECT_FALSE(*jobs_->claim(1000, 2000));
}

// Whoever changes a table waits for every transaction that has read it: a session that only wrote
// once and reads since must not be in one.
TEST_P(JobStoreTest, NoTransactionStaysOpen) {
    const auto made = job();
    ASSERT_TRUE(jobs_->add(made, kNoDeed));
    ASSERT_TRUE(jobs_->status(kShop, "alice", made.id, 0));
    const auto administrator = session();
    if (GetParam() == Dialect::mysql) administrator->runText("SET SESSION lock_wait_timeout = 3");
    EXPECT_NO_THROW(administrator->runText("ALTER TABLE jobs ADD COLUMN more INTEGER"));
    EXPECT_TRUE(jobs_->status(kShop, "alice", made.id, 0));
}

class EraserTest : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        if (!store_) return;
        eraser_ = store_->makeEraser();
        row_ = Conversation{.id = ConversationId::generate(),
                            .site = kShop,
                            .department = *DepartmentId::parse("sales"),
                            .state = ConversationState::closed,
                            .agent = {},
                            .shared = {},
                            .staff = {},
                            .visitorName = "Zoë",
                            .preview = {}};
        row_->closedAtMs = 5000;
        row_->visitorEmail = "zoe@example.com";
        Changes changes;
        changes.events = {said("a secret"), said("一个秘密")};
        row_->previewSeq = 2;
        changes.opened = {&*row_};
        changes.participants = {{kShop, kAlice, row_->id}, {kShop, kBob, row_->id}};
        Snapshot snapshot;
        ASSERT_TRUE(store_->makeWriter()->record({}, snapshot,
                                                 [&]() -> const Changes& { return changes; }));
        const auto advanced = store_->makeSearchIndex()->advance({{row_->id}}, 100, follow);
        ASSERT_TRUE(advanced) << advanced.error().text;
        ASSERT_EQ(advanced->events, 2U);
    }
    NewEvent said(const std::string& text) {
        ++row_->shared.seq;
        v1::Event event;
        event.set_conversation(row_->id.str());
        event.set_stream(v1::STREAM_SHARED);
        event.set_seq(row_->shared.seq);
        event.mutable_message()->set_text(text);
        return {.key = {row_->id, RequestId::generate()},
                .place = {v1::STREAM_SHARED, row_->shared.seq},
                .recordedAtMs = 1000,
                .bytes = encode(event),
                .hash = std::string(32, 'h')};
    }
    std::uint64_t left(const Erased* erased) {
        const auto count = eraser_->left(kShop, row_->id, stripped, erased);
        EXPECT_TRUE(count) << count.error().text;
        return count ? *count : 0;
    }
    std::string preview() {
        return store_->makeArchive()->list({.site = kShop, .limit = 10})->at(0).preview;
    }
    std::size_t listedForAlice() {
        return store_->makeArchive()->list({.site = kShop, .agent = kAlice, .limit = 10})->size();
    }
    std::size_t found(const std::string& term) {
        return store_->makeSearchIndex()
            ->postings(kShop, term, firstDocumentAt(1LL << 40), 10)
            ->size();
    }

    // Past the port.
    std::unique_ptr<SqlSession> session() {
        sqlDatabase_.emplace(database_->url());
        return std::make_unique<SqlSession>(*sqlDatabase_, SessionUse::write);
    }

    std::unique_ptr<Eraser> eraser_;
    std::optional<Conversation> row_;

 private:
    std::optional<SqlDatabase> sqlDatabase_;
};

TEST_P(EraserTest, TakesContentIndexAndVisitor) {
    EXPECT_EQ(found("secret"), 1U);
    EXPECT_EQ(found("秘密"), 1U);
    EXPECT_EQ(listedForAlice(), 1U);
    EXPECT_EQ(preview(), "一个秘密");
    EXPECT_EQ(left(nullptr), 7U);  // two events, their documents, the visitor, two participants
    const Deed deed{kShop, "root", "erase.visitor", row_->id.str()};
    const auto erased = eraser_->erase(kShop, row_->id, stripped, termsOfEvent, deed);
    ASSERT_TRUE(erased) << erased.error().text;
    EXPECT_EQ(erased->events, 2U);
    EXPECT_EQ(erased->participants, 2U);
    EXPECT_EQ(listedForAlice(), 0U);
    EXPECT_THAT(erased->postings, SizeIs(5));  // a, secret; 一个, 个秘, 秘密
    EXPECT_EQ(left(nullptr), 0U);
    EXPECT_EQ(left(&*erased), 0U);
    EXPECT_EQ(found("secret"), 0U);
    EXPECT_EQ(found("秘密"), 0U);
    const auto listed = store_->makeArchive()->list({.site = kShop, .limit = 10});
    ASSERT_THAT(*listed, SizeIs(1));
    EXPECT_EQ(listed->front().visitorName + listed->front().visitorEmail + listed->front().preview,
              "");
    EXPECT_THAT(*store_->makeDirectory()->audit(kShop, Ulid(), 10), SizeIs(1));
    EXPECT_EQ(eraser_->erase(*SiteId::parse("other"), row_->id, stripped, termsOfEvent, deed)
                  .error()
                  .code,
              Errc::notFound);
}

// What the visitor says afterwards is no remainder; what comes back of what went is.
TEST_P(EraserTest, LooksAtWhatWasErasedOnly) {
    const auto erased = eraser_->erase(kShop, row_->id, stripped, termsOfEvent, kNoDeed);
    ASSERT_TRUE(erased) << erased.error().text;
    Changes changes;
    changes.events = {said("more to say")};
    row_->visitorName = row_->visitorEmail = "";
    row_->previewSeq = row_->shared.seq;
    changes.changed = {&*row_};
    changes.participants = {{kShop, kAlice, row_->id}};
    Snapshot snapshot;
    const auto recorded = store_->makeWriter()->record({.conversations = {row_->id}}, snapshot,
                                                       [&]() -> const Changes& { return changes; });
    ASSERT_TRUE(recorded) << recorded.error().text;
    ASSERT_TRUE(store_->makeSearchIndex()->advance(std::span(&row_->id, 1), 100, follow));
    EXPECT_EQ(left(&*erased), 0U);
    EXPECT_EQ(preview(), "more to say");
    EXPECT_EQ(left(nullptr), 4U);  // the event, its document, the preview, who took part

    const auto [term, document] = erased->postings.front();
    Texts sites{kShop.str()};
    Texts words{term};
    Numbers documents{static_cast<Poco::Int64>(document)};
    session()->runRows("insert_terms", std::tie(sites, words, documents), std::tuple<>());
    EXPECT_EQ(left(&*erased), 1U);
}

// A transcript that another replica is just making of what goes here must not come after.
TEST_P(EraserTest, TakesTranscriptsThatAreBeingMade) {
    const auto jobs = store_->makeJobs();
    const Job job{Ulid::generate(), kShop, "alice", row_->id.str(), "request"};
    ASSERT_TRUE(jobs->add(job, kNoDeed));
    ASSERT_TRUE(*jobs->claim(1000, 2000));
    const auto erased = eraser_->erase(kShop, row_->id, stripped, termsOfEvent, kNoDeed);
    ASSERT_TRUE(erased) << erased.error().text;
    EXPECT_EQ(erased->transcripts, 1U);
    ASSERT_TRUE(jobs->finish(job.id, JobResult{"text/plain", {"a secret"}}));
    EXPECT_EQ(left(&*erased), 0U);

    SqlDatabase database(database_->url());
    Blobs parts;
    SqlSession(database, SessionUse::read)
        .runOnce("select_job_parts", std::tuple(job.id.str()), std::tie(parts));
    EXPECT_THAT(parts, IsEmpty());
}

TEST_P(EraserTest, RemovesWhatIsOld) {
    EXPECT_THAT(*eraser_->closedBefore(5000, 10), IsEmpty());
    const auto old = eraser_->closedBefore(5001, 10);
    ASSERT_THAT(*old, SizeIs(1));
    const auto done = eraser_->remove(old->front(), termsOfEvent);
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_THAT(*eraser_->closedBefore(5001, 10), IsEmpty());
    EXPECT_EQ(found("secret"), 0U);
    EXPECT_THAT(*store_->makeArchive()->list({.site = kShop, .limit = 10}), IsEmpty());
    EXPECT_THAT(*checkTables(database_->url()), IsEmpty()) << "in no agent's list either";
    EXPECT_EQ(
        store_->makeReader()->history({kShop, row_->id, v1::STREAM_SHARED, 0, 10}).error().code,
        Errc::notFound);
    EXPECT_THAT(store_->makeSearchIndex()->behind(ConversationId(), 10)->ids, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Databases, JobStoreTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, VisitorJobTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, EraserTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
