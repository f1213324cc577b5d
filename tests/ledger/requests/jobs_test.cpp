// Transcripts and erasures, asked for and fetched as agents and administrators do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <span>

#include "ledger/requests/job_runner.h"
#include "ledger/requests/transcript.h"
#include "ledger/search/digest.h"
#include "ledger/search/erasure.h"
#include "ledger/verify/verify.h"
#include "proto/retained_filters.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::HasSubstr;
using testing::Not;
using topics::Method;

class JobsTest : public testing::Test {
 protected:
    static World::Options quick() {
        World::Options options;
        options.ledger.indexer.delay = std::chrono::milliseconds(5);
        options.ledger.jobs.poll = std::chrono::milliseconds(20);
        return options;
    }
    // Asks until it is finished, and puts its parts together.
    v1::JobResponse finished(Sender& sender, const std::string& id, std::string& data) {
        v1::Request request;
        request.mutable_job()->set_id(id);
        v1::JobResponse job;
        EXPECT_TRUE(eventually([&] {
            job = sender.call(Method::job, request).job();
            return job.state() == v1::JobResponse::STATE_DONE ||
                   job.state() == v1::JobResponse::STATE_FAILED;
        }));
        for (std::uint32_t part = 0; part < job.parts(); ++part) {
            request.mutable_job()->set_part(part);
            data += sender.call(Method::job, request).job().data();
        }
        return job;
    }
    std::string transcriptOf(const ConversationId& id, v1::TranscriptRequest::Format format,
                             bool notes = false) {
        v1::Request request;
        request.mutable_transcript()->set_conversation(id.str());
        request.mutable_transcript()->set_format(format);
        request.mutable_transcript()->set_notes(notes);
        const auto asked = alice_.call(Method::transcript, request);
        EXPECT_TRUE(asked.has_job()) << asked.failure().text();
        std::string data;
        EXPECT_EQ(finished(alice_, asked.job().id(), data).state(), v1::JobResponse::STATE_DONE);
        return data;
    }
    v1::ErasureReceipt erase(const v1::EraseRequest& what) {
        v1::Request request;
        *request.mutable_erase() = what;
        const auto asked = tool_.call(Method::erase, request);
        EXPECT_TRUE(asked.has_job()) << asked.failure().text();
        std::string data;
        EXPECT_EQ(finished(tool_, asked.job().id(), data).state(), v1::JobResponse::STATE_DONE);
        v1::ErasureReceipt receipt;
        EXPECT_TRUE(receipt.ParseFromString(data));
        return receipt;
    }
    ConversationId talk(const std::string& email) {
        auto request = openRequest("sales");
        request.mutable_visitor()->set_email(email);
        EXPECT_TRUE(gateway_.open(request).has_open());
        const auto id = *ConversationId::parse(request.conversation());
        EXPECT_TRUE(alice_.post(id, accept()).has_recorded());
        EXPECT_TRUE(gateway_.post(id, message("my <secret> & 密码")).has_recorded());
        EXPECT_TRUE(alice_.post(id, message("thank you")).has_recorded());
        EXPECT_TRUE(alice_.post(id, note("the secret is theirs")).has_recorded());
        return id;
    }
    // The text of the note that staff who come now are given.
    std::optional<std::string> retainedNote(const ConversationId& id) {
        Client late(world_.broker(), "late-" + Ulid::generate().str());
        late.subscribe({topics::format(topics::StaffLog{kSite, id})});
        const auto kept = late.await([](const bus::Message&) { return true; });
        if (!kept) return {};
        const auto event = decode<v1::Event>(kept->payload);
        return event ? std::optional(event->note().text()) : std::nullopt;
    }
    int found(const std::string& text) {
        v1::Request request;
        request.mutable_search()->set_query(text);
        return alice_.call(Method::search, request).search().events_size();
    }

    // For runners without a ledger around them.
    Ulid addJob(const v1::Request& request) {
        const Job job{Ulid::generate(), kSite, "root", "", encode(request)};
        EXPECT_TRUE(world_.store().makeJobs()->add(job, {kSite, {}, {}, {}}));
        return job.id;
    }
    JobStatus status(const Ulid& job) {
        return *world_.store().makeJobs()->status(kSite, "root", job, 0);
    }
    static ErasureWays silentBroker() {
        return {
            .close = [](const Conversation&, const std::function<void(bool)>& done) { done(true); },
            .republish = [](const ConversationId&, const std::function<void()>& told) { told(); },
            .retained =
                [](const SiteId&, const ConversationId&, const RetainedSweep::Found& found) {
                    found(std::vector<bus::Message>());
                }};
    }
    v1::ErasureReceipt receiptBy(const ErasureWays& ways, const Ulid& job) {
        JobRunner runner({}, world_.store(), testLog(), ways);
        runner.start();
        EXPECT_TRUE(eventually([&] { return status(job).done; }));
        runner.stop();
        v1::ErasureReceipt receipt;
        EXPECT_TRUE(receipt.ParseFromString(status(job).data));
        return receipt;
    }

    World world_{quick()};
    Sender tool_{world_.broker(), kTool};
    Sender alice_{world_.broker(), kAlice};
    Sender gateway_{world_.broker()};
};

TEST_F(JobsTest, TranscriptsInThreeFormats) {
    const auto id = talk("zoe@example.com");
    const auto text = transcriptOf(id, v1::TranscriptRequest::FORMAT_TEXT);
    EXPECT_THAT(text, HasSubstr("Zoë: my <secret> & 密码\n"));
    EXPECT_THAT(text, Not(HasSubstr("theirs")));
    EXPECT_THAT(transcriptOf(id, v1::TranscriptRequest::FORMAT_TEXT, true),
                HasSubstr("(note): the secret is theirs"));
    const auto html = transcriptOf(id, v1::TranscriptRequest::FORMAT_HTML);
    EXPECT_THAT(html, HasSubstr("my &lt;secret&gt; &amp; 密码"));
    EXPECT_THAT(html, Not(HasSubstr("<secret>")));
    const auto json = transcriptOf(id, v1::TranscriptRequest::FORMAT_JSON);
    EXPECT_THAT(json, HasSubstr("密码"));
    EXPECT_THAT(json, Not(HasSubstr("salt")));
}

TEST_F(JobsTest, AnExportedRecordIsWholeAlsoAfterAnErasure) {
    const auto id = talk("zoe@example.com");
    EXPECT_TRUE(alice_.post(id, close()).has_recorded());
    const auto before = verifyExport(transcriptOf(id, v1::TranscriptRequest::FORMAT_RECORD, true));
    ASSERT_TRUE(before) << before.error().text;
    EXPECT_EQ(before->str(), "1 conversations, 6 events, 0 of them erased: whole");
    v1::EraseRequest what;
    what.set_conversation(id.str());
    erase(what);
    const auto text = transcriptOf(id, v1::TranscriptRequest::FORMAT_RECORD, true);
    EXPECT_THAT(text, Not(HasSubstr("secret")));
    const auto after = verifyExport(text);
    ASSERT_TRUE(after) << after.error().text;
    EXPECT_FALSE(after->broken);
    EXPECT_GT(after->erased, 0U);
}

TEST_F(JobsTest, AJobIsItsOwnersOnly) {
    const auto id = talk("zoe@example.com");
    v1::Request request;
    request.mutable_transcript()->set_conversation(id.str());
    const auto job = alice_.call(Method::transcript, request).job().id();
    v1::Request look;
    look.mutable_job()->set_id(job);
    EXPECT_EQ(tool_.call(Method::job, look).failure().code(), v1::ERROR_CODE_NOT_FOUND);

    // What cannot be done says so.
    request.mutable_transcript()->set_conversation(Ulid::generate().str());
    std::string nothing;
    const auto failed =
        finished(alice_, alice_.call(Method::transcript, request).job().id(), nothing);
    EXPECT_EQ(failed.state(), v1::JobResponse::STATE_FAILED);
    EXPECT_EQ(failed.failure().code(), v1::ERROR_CODE_NOT_FOUND);
}

TEST_F(JobsTest, ErasingLeavesNothingButTheChain) {
    const auto id = talk("Zoe@example.com");
    const auto other = talk("li@example.com");
    ASSERT_TRUE(alice_.post(id, close("secret reason")).has_recorded());
    ASSERT_TRUE(eventually([&] { return found("secret") == 4; }));
    transcriptOf(id, v1::TranscriptRequest::FORMAT_TEXT);

    v1::EraseRequest what;
    what.set_visitor_email("zoe@EXAMPLE.com");
    const auto receipt = erase(what);
    ASSERT_EQ(receipt.conversations_size(), 1);
    const auto& one = receipt.conversations(0);
    EXPECT_EQ(one.conversation(), id.str());
    EXPECT_FALSE(one.open());
    EXPECT_EQ(one.left(), 0U);
    EXPECT_GE(one.events(), 5U);
    EXPECT_GT(one.search_entries(), 0U);
    EXPECT_EQ(one.transcripts(), 1U);
    EXPECT_EQ(one.participants(), 1U);  // alice
    EXPECT_EQ(one.retained(), 2U);      // the newest event, the newest note

    EXPECT_EQ(found("secret"), 2);  // the other visitor's
    EXPECT_THAT(transcriptOf(id, v1::TranscriptRequest::FORMAT_TEXT, true),
                testing::AllOf(Not(HasSubstr("secret")), Not(HasSubstr("Zoë"))));
    const auto history = gateway_.history(id).history();
    EXPECT_EQ(history.head_seq(), 5U);
    // The broker no longer has it either, from before there was a receipt; and knows how it ended.
    world_.broker().drain();
    Client late(world_.broker(), "late");
    late.subscribe({topics::format(topics::SharedLog{kSite, id})});
    const auto kept = late.await([](const bus::Message&) { return true; });
    ASSERT_TRUE(kept);
    const auto newest = decode<v1::Event>(kept->payload);
    ASSERT_TRUE(newest && newest->has_closed());
    EXPECT_EQ(newest->closed().reason(), "");
    EXPECT_EQ(retainedNote(id), "");
    EXPECT_EQ(retainedNote(other), "the secret is theirs");

    const auto checked = verify(*world_.store().makeReader());
    ASSERT_TRUE(checked);
    EXPECT_FALSE(checked->broken) << checked->broken->str();
    EXPECT_EQ(checked->erased, one.events());

    v1::Request audit;
    audit.mutable_audit();
    int deeds = 0;
    const auto audited = tool_.call(Method::audit, audit).audit();
    for (const auto& record : audited.records()) {
        if (record.action() != "erase.visitor") continue;
        ++deeds;
        EXPECT_EQ(record.target(), id.str());
    }
    EXPECT_EQ(deeds, 1);
    v1::Request mine;
    *mine.mutable_erase() = what;
    EXPECT_EQ(alice_.call(Method::erase, mine).failure().code(), v1::ERROR_CODE_FORBIDDEN);
}

// Everything that the broker can retain of a conversation, put there before.
TEST_F(JobsTest, AnOpenConversationIsClosedAndNothingIsRetained) {
    const auto id = talk("zoe@example.com");
    const auto retain = [&](const topics::Topic& topic, const std::string& payload) {
        bus::Message message;
        message.topic = topics::format(topic);
        message.payload = payload;
        message.retain = true;
        gateway_.client().publish(std::move(message));
    };
    v1::Presence presence;
    presence.set_page_url("https://example.com/secret");
    v1::Live live;
    live.mutable_typing()->set_preview("my secret");
    v1::QueueEntry entry;
    entry.set_preview("my secret");
    const topics::Topic page = topics::PresenceIn{kSite, id};
    const topics::Topic typing = topics::LiveIn{kSite, id};
    const topics::Topic said = topics::LiveOut{kSite, id, *PartyId::parse("alice")};
    const topics::Topic queue = topics::Queue{kSite, *DepartmentId::parse("lost"), id};
    const topics::Topic other = topics::PresenceIn{kSite, talk("li@example.com")};
    for (const auto& topic : {page, other}) retain(topic, encode(presence));
    for (const auto& topic : {typing, said}) retain(topic, encode(live));
    world_.stopLedger();
    retain(queue, encode(entry));  // left behind by a ledger that is gone
    world_.startLedger();

    v1::EraseRequest what;
    what.set_conversation(id.str());
    const auto one = erase(what).conversations(0);
    EXPECT_TRUE(one.open());
    EXPECT_EQ(one.left(), 0U);
    // The newest event and note, alice's assignment, presence, two live signals; the queue's entry
    // where it was not found stale before.
    EXPECT_GE(one.retained(), 6U);
    EXPECT_TRUE(eventually([&] { return found("secret") == 2; })) << "the other visitor's";

    world_.broker().drain();
    Client late(world_.broker(), "late");
    auto filters = topics::filters::ledgerRetained(kSite, id);
    filters.push_back(topics::format(other));
    late.subscribe(filters);
    world_.broker().drain();
    std::vector<std::string> retained;
    for (const auto& message : late.take()) {
        retained.push_back(message.topic);
        const auto topic = topics::parse(message.topic);
        ASSERT_TRUE(topic);
        EXPECT_EQ(tellsOfVisitor(*topic, message.payload), *topic == other) << message.topic;
        if (!std::holds_alternative<topics::SharedLog>(*topic)) continue;
        const auto newest = decode<v1::Event>(message.payload);
        EXPECT_EQ(newest->closed().reason(), "erased");
    }
    EXPECT_THAT(retained, testing::UnorderedElementsAre(
                              topics::format(topics::SharedLog{kSite, id}),
                              topics::format(topics::StaffLog{kSite, id}), topics::format(other)));
    EXPECT_FALSE(verify(*world_.store().makeReader())->broken);

    // What the visitor says from now on is new.
    ASSERT_TRUE(gateway_.post(id, message("a new secret")).has_recorded());
    EXPECT_TRUE(eventually([&] { return found("new secret") == 1; }));
}

// What the indexer had not come to yet counts in the reports, and does not come back.
TEST(Erasing, OverMayBeTheIndexer) {
    World::Options options;
    options.ledger.indexer.delay = std::chrono::hours(1);
    World world(options);
    Sender gateway(world.broker());
    Sender tool(world.broker(), kTool);
    const auto id = world.open(gateway);
    ASSERT_TRUE(gateway.post(id, message("my secret")).has_recorded());
    v1::Request request;
    request.mutable_erase()->set_conversation(id.str());
    const auto job = tool.call(Method::erase, request).job().id();
    v1::Request look;
    look.mutable_job()->set_id(job);
    v1::JobResponse done;
    ASSERT_TRUE(eventually([&] {
        done = tool.call(Method::job, look).job();
        return done.state() == v1::JobResponse::STATE_DONE;
    }));
    v1::ErasureReceipt receipt;
    ASSERT_TRUE(receipt.ParseFromString(done.data()));
    EXPECT_EQ(receipt.conversations(0).left(), 0U);
    EXPECT_GT(receipt.conversations(0).search_entries(), 0U);

    constexpr std::int64_t kLater = std::int64_t{1} << 42;  // 2109
    const auto index = world.store().makeSearchIndex();
    ASSERT_TRUE(index->advance(std::span(&id, 1), 100, follow));
    EXPECT_THAT(*index->postings(kSite, "secret", firstDocumentAt(kLater), 10), testing::IsEmpty());
    const auto digests = world.store().makeArchive()->digests(kSite, 0, kLater, {}, 10);
    ASSERT_TRUE(digests);
    ASSERT_THAT(*digests, testing::SizeIs(1));
    EXPECT_EQ(digests->front().visitorMessages, 1U);
    EXPECT_GT(digests->front().openedAtMs, 0);
    EXPECT_GT(digests->front().closedAtMs, 0);
}

// The address by which they are found is gone from those that are done.
TEST_F(JobsTest, AnErasureThatBrokeOffGoesOnWhereItWas) {
    v1::Request request;
    request.mutable_erase()->set_visitor_email("zoe@example.com");
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(alice_.post(talk("zoe@example.com"), close()).has_recorded());
    }
    world_.stopLedger();
    const auto job = addJob(request);
    {
        // The broker is never told, so it does not come to the second one.
        std::atomic<int> erased{0};
        auto ways = silentBroker();
        ways.republish = [&](const ConversationId&, const std::function<void()>&) { ++erased; };
        JobRunner first({}, world_.store(), testLog(), ways);
        first.start();
        EXPECT_TRUE(eventually([&] { return erased == 1; }));
        first.stop();
        EXPECT_EQ(erased, 1);
    }
    EXPECT_FALSE(status(job).done);

    std::vector<ConversationId> told;  // the runner's thread, until it is stopped
    auto ways = silentBroker();
    ways.republish = [&](const ConversationId& id, const std::function<void()>& done) {
        told.push_back(id);
        done();
    };
    const auto receipt = receiptBy(ways, job);
    EXPECT_THAT(told, testing::SizeIs(2));
    ASSERT_EQ(receipt.conversations_size(), 2);
    for (const auto& one : receipt.conversations()) {
        EXPECT_GE(one.events(), 4U);
        EXPECT_EQ(one.left(), 0U);
        EXPECT_FALSE(one.open());
    }
}

// Whoever goes on finds it closed.
TEST_F(JobsTest, ThatItWasOpenIsKnownToWhoeverGoesOn) {
    v1::Request request;
    const auto id = talk("zoe@example.com");
    request.mutable_erase()->set_conversation(id.str());
    world_.stopLedger();
    const auto job = addJob(request);
    std::atomic<bool> asked{false};
    auto ways = silentBroker();
    ways.close = [&](const Conversation&, const std::function<void(bool)>&) { asked = true; };
    JobRunner first({}, world_.store(), testLog(), ways);
    first.start();
    EXPECT_TRUE(eventually([&] { return asked.load(); }));
    world_.startLedger();  // the job is still the first one's
    ASSERT_TRUE(alice_.post(id, close()).has_recorded());
    EXPECT_FALSE(status(job).done);
    first.stop();
    v1::ErasureReceipt receipt;
    EXPECT_TRUE(eventually([&] { return status(job).done; }));
    ASSERT_TRUE(receipt.ParseFromString(status(job).data));
    EXPECT_TRUE(receipt.conversations(0).open());
    EXPECT_EQ(receipt.conversations(0).left(), 0U);
    EXPECT_GE(receipt.conversations(0).events(), 4U);
}

TEST_F(JobsTest, ErasingWaitsForTheBroker) {
    v1::Request request;
    request.mutable_erase()->set_conversation(talk("zoe@example.com").str());
    world_.broker().cutConnections();
    const auto job = addJob(request);
    const auto isClaimed = [&] {
        const auto other = world_.store().makeJobs()->claim(1, 2);
        return other && !*other;  // by the ledger
    };
    EXPECT_TRUE(eventually(isClaimed));
    EXPECT_FALSE(status(job).done);
    world_.broker().restoreConnections();
    ASSERT_TRUE(eventually([&] { return status(job).done; }));
    v1::ErasureReceipt receipt;
    ASSERT_TRUE(receipt.ParseFromString(status(job).data));
    EXPECT_EQ(receipt.conversations(0).left(), 0U);
    EXPECT_GE(receipt.conversations(0).events(), 4U);
}

// Whose visitor opens it again each time: it ends, and says what is there.
TEST_F(JobsTest, WhatDoesNotStayClosedIsGivenUp) {
    v1::Request request;
    request.mutable_erase()->set_conversation(talk("zoe@example.com").str());
    world_.stopLedger();
    const auto job = addJob(request);
    int closes = 0;  // the runner's thread, until it is stopped
    auto ways = silentBroker();
    ways.close = [&](const Conversation&, const std::function<void(bool)>& done) {
        ++closes;
        done(true);
    };
    const auto receipt = receiptBy(ways, job);
    EXPECT_EQ(closes, 5);
    ASSERT_EQ(receipt.conversations_size(), 1);
    EXPECT_TRUE(receipt.conversations(0).open());
    EXPECT_EQ(receipt.conversations(0).events(), 0U);
    EXPECT_GT(receipt.conversations(0).left(), 0U);
}

// What it goes on retaining is no longer counted as gone.
TEST_F(JobsTest, WhatTheBrokerKeepsIsLeft) {
    const auto id = talk("zoe@example.com");
    ASSERT_TRUE(alice_.post(id, close()).has_recorded());
    v1::Request request;
    request.mutable_erase()->set_conversation(id.str());
    world_.stopLedger();
    const auto job = addJob(request);
    v1::Live live;
    live.mutable_typing()->set_preview("my secret");
    bus::Message typing;
    typing.topic = topics::format(topics::LiveIn{kSite, id});
    typing.payload = encode(live);
    auto other = typing;
    int asked = 0;  // the runner's thread
    auto ways = silentBroker();
    ways.retained = [&](const SiteId&, const ConversationId&, const RetainedSweep::Found& found) {
        if (++asked == 1) return found(std::vector{typing, other});
        found(std::vector{typing});
    };
    const auto receipt = receiptBy(ways, job);
    EXPECT_EQ(receipt.conversations(0).left(), 1U);
    EXPECT_EQ(receipt.conversations(0).retained(), 1U);
}

TEST_F(JobsTest, ABrokerThatDoesNotLetItLookFailsTheJob) {
    v1::Request request;
    const auto id = talk("zoe@example.com");
    request.mutable_erase()->set_conversation(id.str());
    world_.stopLedger();
    const auto job = addJob(request);
    auto ways = silentBroker();
    ways.retained = [&](const SiteId&, const ConversationId&, const RetainedSweep::Found& found) {
        found(Error{Errc::forbidden, "the broker refused"});
    };
    JobRunner runner({}, world_.store(), testLog(), ways);
    runner.start();
    EXPECT_TRUE(eventually([&] { return status(job).done; }));
    ASSERT_TRUE(status(job).failure);
    EXPECT_EQ(status(job).failure->code, Errc::forbidden);
    EXPECT_EQ(world_.store().makeReader()->conversations(std::span(&id, 1))->front().state,
              ConversationState::assigned)
        << "nothing was done";
}

TEST(Transcript, NobodyCanWriteALineOfSomebodyElse) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
    event.mutable_author()->set_name("<b>'\"");
    event.mutable_message()->set_text("a\n2026-01-01T00:00:00Z  Alice: b");
    const auto text = transcript({event}, v1::TranscriptRequest::FORMAT_TEXT, {});
    EXPECT_THAT(text, HasSubstr("a\n    2026"));
    const auto html = transcript({event}, v1::TranscriptRequest::FORMAT_HTML, {});
    EXPECT_THAT(html, HasSubstr("&lt;b&gt;&#39;&quot;"));
}

TEST(Erasure, KeepsWhoHadItAndWhen) {
    v1::Event event;
    event.set_salt("salt");
    event.set_content_hash(std::string(32, 'h'));
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_name("Alice");
    event.mutable_assigned()->set_agent("alice");
    EXPECT_FALSE(stripped(encode(event)));
    event.mutable_message()->set_text("x");
    const auto rest = decode<v1::Event>(*stripped(encode(event)));
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->body_case(), v1::Event::BODY_NOT_SET);
    EXPECT_EQ(rest->salt(), "");
    EXPECT_EQ(rest->content_hash(), std::string(32, 'h'));
    EXPECT_EQ(rest->author().name(), "Alice");
    EXPECT_FALSE(stripped(encode(*rest)));
}

// Who reads the log goes by it: without it the conversation would seem to go on.
TEST(Erasure, ThatItWasClosedStays) {
    v1::Event event;
    event.set_conversation(Ulid::generate().str());
    event.set_stream(v1::STREAM_SHARED);
    event.set_seq(1);
    event.set_salt("salt");
    event.mutable_closed()->set_reason("she is ill");
    event.set_content_hash(contentHash(event));
    const auto bytes = stripped(encode(event));
    ASSERT_TRUE(bytes);
    const auto rest = decode<v1::Event>(*bytes);
    ASSERT_TRUE(rest);
    EXPECT_TRUE(rest->has_closed());
    EXPECT_EQ(rest->closed().reason(), "");
    EXPECT_EQ(rest->salt(), "");
    EXPECT_EQ(canonicalHash(*rest), canonicalHash(event));
    EXPECT_FALSE(stripped(*bytes)) << "nothing is left";

    ChainChecker checker(*ConversationId::parse(event.conversation()), v1::STREAM_SHARED);
    EXPECT_FALSE(checker.add(*bytes));
    EXPECT_EQ(checker.erased(), 1U);
}

}  // namespace
}  // namespace parlor::ledger::test
