#include "proto/codec.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/proto/generator.h"

namespace parlor {
namespace {

using test::Generator;

const std::string kRequest = "01ARYZ6S41TSV4RRFFQ69G5FAV";

v1::Draft message(const std::string& text) {
    v1::Draft draft;
    draft.set_request_id(kRequest);
    draft.mutable_message()->set_text(text);
    return draft;
}

// "ok" or the error's name and text.
template <class T>
std::string outcome(const Expected<T>& result) {
    if (result) return "ok";
    return errorCategory().message(static_cast<int>(result.error().code)) + ": " +
           result.error().text;
}

TEST(Codec, WhatIsEncodedIsDecoded) {
    v1::Post post;
    *post.add_drafts() = message("hello \xE4\xBD\xA0\xE5\xA5\xBD");
    const auto back = decode<v1::Post>(encode(post));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->SerializeAsString(), post.SerializeAsString());
    EXPECT_TRUE(decode<v1::Post>(""));
}

TEST(Codec, RefusesWhatDoesNotParse) {
    EXPECT_EQ(outcome(decode<v1::Post>("\xFF\xFF\xFF")), "malformed: not a parlor.v1.Post");
    EXPECT_EQ(decode<v1::Post>(std::string(kMaxPayloadBytes + 1, '\0')).error().code,
              Errc::tooLarge);
    // Text that is not UTF-8: a Draft with request_id "\xFF".
    EXPECT_FALSE(decode<v1::Draft>(std::string("\x0A\x01\xFF", 3)));

    v1::Post post;
    *post.add_drafts() = message("hello");
    const auto bytes = encode(post);
    for (std::size_t length = 1; length < bytes.size(); ++length) {
        (void)decode<v1::Post>(std::string_view(bytes).substr(0, length));
    }
    Generator random(1);
    for (int i = 0; i < 5000; ++i) {
        (void)decode<v1::Post>(random.mutated(bytes));
        (void)decode<v1::Request>(random.bytes(100));
    }
}

TEST(Validate, Drafts) {
    EXPECT_EQ(outcome(validate(message("x"))), "ok");
    EXPECT_EQ(outcome(validate(message(""))), "malformed: message.text: empty");
    EXPECT_EQ(outcome(validate(message(std::string(kMaxTextBytes, 'x')))), "ok");
    EXPECT_EQ(outcome(validate(message(std::string(kMaxTextBytes + 1, 'x')))),
              "too large: message.text: 8193 bytes, at most 8192");
    EXPECT_EQ(outcome(validate(message("\xC3("))), "malformed: message.text: not UTF-8");

    v1::Draft draft = message("x");
    draft.set_request_id("short");
    EXPECT_EQ(validate(draft).error().code, Errc::malformed);
    draft.set_request_id(kRequest);
    draft.clear_body();
    EXPECT_EQ(outcome(validate(draft)), "malformed: draft: no body");

    draft.mutable_read()->set_seq(0);
    EXPECT_EQ(outcome(validate(draft)), "ok");
    draft.mutable_accept();
    EXPECT_EQ(outcome(validate(draft)), "ok");
    draft.mutable_note()->set_text("");
    EXPECT_EQ(outcome(validate(draft)), "malformed: note.text: empty");
    draft.mutable_note()->set_text(std::string(kMaxTextBytes, 'x'));
    EXPECT_EQ(outcome(validate(draft)), "ok");
    draft.mutable_close()->set_reason(std::string(kMaxNameBytes + 1, 'x'));
    EXPECT_EQ(validate(draft).error().code, Errc::tooLarge);
    for (const std::uint32_t score : {0U, 1U, 5U, 6U}) {
        draft.mutable_rating()->set_score(score);
        EXPECT_EQ(validate(draft).has_value(), score >= 1 && score <= 5) << score;
    }
}

TEST(Validate, Posts) {
    v1::Post post;
    EXPECT_EQ(outcome(validate(post)), "malformed: post: no drafts");
    for (std::size_t i = 0; i < kMaxDraftsPerPost; ++i) *post.add_drafts() = message("x");
    EXPECT_EQ(outcome(validate(post)), "ok");
    post.mutable_drafts(63)->clear_body();
    EXPECT_EQ(outcome(validate(post)), "malformed: draft: no body");
    *post.mutable_drafts(63) = message("x");
    *post.add_drafts() = message("x");
    EXPECT_EQ(outcome(validate(post)), "too large: post: 65 drafts, at most 64");
}

TEST(Validate, OpenRequests) {
    v1::OpenRequest request;
    request.set_conversation(kRequest);
    request.set_request_id(kRequest);
    EXPECT_EQ(outcome(validate(request)), "ok");
    request.set_department("Sales");
    EXPECT_EQ(validate(request).error().code, Errc::malformed);
    request.set_department("sales");
    auto& visitor = *request.mutable_visitor();
    visitor.set_name(std::string(kMaxNameBytes, 'x'));
    visitor.set_page_url(std::string(kMaxUrlBytes, 'x'));
    EXPECT_EQ(outcome(validate(request)), "ok");
    visitor.set_name(std::string(kMaxNameBytes + 1, 'x'));
    EXPECT_EQ(outcome(validate(request)), "too large: visitor.name: 257 bytes, at most 256");
    visitor.set_name("x");
    for (auto* field :
         {visitor.mutable_page_url(), visitor.mutable_referrer(), visitor.mutable_user_agent()}) {
        field->assign(kMaxUrlBytes + 1, 'x');
        EXPECT_EQ(validate(request).error().code, Errc::tooLarge);
        field->clear();
    }
    visitor.set_locale("\xFF");
    EXPECT_EQ(outcome(validate(request)), "malformed: visitor.locale: not UTF-8");
    visitor.clear_locale();
    request.set_conversation("");
    EXPECT_EQ(validate(request).error().code, Errc::malformed);
}

TEST(Failures, CrossTheWireUnchanged) {
    for (int code = static_cast<int>(Errc::malformed); code <= static_cast<int>(Errc::internal);
         ++code) {
        const auto failure = toFailure({static_cast<Errc>(code), "why"});
        EXPECT_EQ(static_cast<int>(failure.code()), code);
        EXPECT_EQ(toError(failure).code, static_cast<Errc>(code));
        EXPECT_EQ(toError(failure).text, "why");
        EXPECT_NE(errorCategory().message(code).substr(0, 7), "unknown");
    }
    EXPECT_GT(toFailure({Errc::unavailable, ""}).retry_after_ms(), 0U);
    EXPECT_EQ(toFailure({Errc::forbidden, ""}).retry_after_ms(), 0U);
    v1::Failure unknown;
    unknown.set_code(static_cast<v1::ErrorCode>(99));
    EXPECT_EQ(toError(unknown).code, Errc::internal);
    EXPECT_EQ(toError(v1::Failure()).code, Errc::internal);
}

TEST(Utf8, KnownVectors) {
    for (const char* good : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
                             "\xE4\xBD\xA0", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                             "\xF0\x90\x80\x80", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(isUtf8(good)) << good;
    }
    EXPECT_TRUE(isUtf8(std::string_view("a\0b", 3)));
    for (const char* bad : {
             "\x80",  // a continuation alone
             "\xBF",
             "a\x80",  //
             "\xC2",
             "\xE0\xA0",  // cut short
             "\xF0\x90\x80",
             "\xC2 ",
             "\xE4\xBD"
             "a",
             "\xC0\x80",
             "\xC1\xBF",  // overlong, two bytes
             "\xE0\x80\x80",
             "\xE0\x9F\xBF",  // overlong, three
             "\xF0\x80\x80\x80",
             "\xF0\x8F\xBF\xBF",  // overlong, four
             "\xED\xA0\x80",
             "\xED\xBF\xBF",      // surrogates
             "\xF4\x90\x80\x80",  // past U+10FFFF
             "\xF5\x80\x80\x80",
             "\xF8\x88\x80\x80\x80",
             "\xFE",
             "\xFF",
         }) {
        EXPECT_FALSE(isUtf8(bad)) << bad;
    }
}

// Every code point, encoded by hand.
TEST(Utf8, AllCodePoints) {
    for (std::uint32_t code = 0; code <= 0x10FFFF; ++code) {
        std::string text;
        const auto more = [&](int shift) {
            text.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F)));
        };
        if (code < 0x80) {
            text.push_back(static_cast<char>(code));
        } else if (code < 0x800) {
            text.push_back(static_cast<char>(0xC0 | (code >> 6)));
            more(0);
        } else if (code < 0x10000) {
            text.push_back(static_cast<char>(0xE0 | (code >> 12)));
            more(6), more(0);
        } else {
            text.push_back(static_cast<char>(0xF0 | (code >> 18)));
            more(12), more(6), more(0);
        }
        const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        ASSERT_EQ(isUtf8(text), !surrogate) << code;
    }
}

v1::Event sampleEvent() {
    v1::Event event;
    event.set_conversation("01ARYZ6S41TSV4RRFFQ69G5FAV");
    event.set_stream(v1::STREAM_SHARED);
    event.set_seq(7);
    event.set_epoch(2);
    event.set_recorded_at_ms(1700000000123);
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("alice");
    event.mutable_author()->set_name("Alice");
    event.set_request_id("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    event.set_salt("0123456789abcdef");
    event.mutable_message()->set_text("hello");
    event.set_content_hash(contentHash(event));
    event.set_previous_hash(std::string(32, 'p'));
    return event;
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// Records live for years: these values, computed from the description in codec.h by another
// program, must never change.
TEST(Hashes, AreWhatTheyEverWere) {
    EXPECT_EQ(hex(contentHash(sampleEvent())),
              "5931920eaf9bb7c37a7fd56f02765e8747f3047c7e3b584e497a3b0b1f850cc1");
    EXPECT_EQ(hex(canonicalHash(sampleEvent())),
              "d528d01a785cd102a3eb460f087542960bf025066cfa89a802ac940954694522");
}

TEST(Hashes, CanonicalHashCoversEveryFieldOfTheChain) {
    const auto original = canonicalHash(sampleEvent());
    const std::pair<const char*, void (*)(v1::Event&)> changes[] = {
        {"conversation", [](v1::Event& e) { e.set_conversation("01ARYZ6S41TSV4RRFFQ69G5FAW"); }},
        {"stream", [](v1::Event& e) { e.set_stream(v1::STREAM_STAFF); }},
        {"seq", [](v1::Event& e) { e.set_seq(8); }},
        {"epoch", [](v1::Event& e) { e.set_epoch(3); }},
        {"recorded_at_ms", [](v1::Event& e) { e.set_recorded_at_ms(1700000000124); }},
        {"author.kind", [](v1::Event& e) { e.mutable_author()->set_kind(v1::Party::KIND_SYSTEM); }},
        {"author.id", [](v1::Event& e) { e.mutable_author()->set_id("bob"); }},
        {"request_id", [](v1::Event& e) { e.set_request_id("01ARZ3NDEKTSV4RRFFQ69G5FAW"); }},
        {"after_seq", [](v1::Event& e) { e.set_after_seq(1); }},
        {"content_hash", [](v1::Event& e) { e.mutable_content_hash()->front() ^= 1; }},
        {"previous_hash", [](v1::Event& e) { e.mutable_previous_hash()->front() ^= 1; }},
        {"previous_hash, cleared", [](v1::Event& e) { e.clear_previous_hash(); }},
    };
    std::set<std::string> hashes{original};
    for (const auto& [field, change] : changes) {
        auto event = sampleEvent();
        change(event);
        EXPECT_TRUE(hashes.insert(canonicalHash(event)).second) << field;
    }
}

TEST(Hashes, FieldsCannotTradeBytes) {
    auto left = sampleEvent();
    auto right = sampleEvent();
    left.mutable_author()->set_id("ab");
    left.set_request_id("c");
    right.mutable_author()->set_id("a");
    right.set_request_id("bc");
    EXPECT_NE(canonicalHash(left), canonicalHash(right));
}

TEST(Hashes, ErasingTheBodyKeepsTheChain) {
    auto event = sampleEvent();
    const auto chain = canonicalHash(event);
    event.clear_body();
    event.clear_salt();
    event.mutable_author()->clear_name();
    EXPECT_EQ(canonicalHash(event), chain);
    EXPECT_NE(contentHash(event), event.content_hash());
}

TEST(Hashes, ContentHashCoversSaltAndBody) {
    const auto original = contentHash(sampleEvent());
    EXPECT_EQ(original.size(), 32U);
    auto event = sampleEvent();
    event.mutable_message()->set_text("hellO");
    EXPECT_NE(contentHash(event), original);
    event = sampleEvent();
    event.mutable_note()->set_text("hello");
    EXPECT_NE(contentHash(event), original) << "another kind of body with the same text";
    event = sampleEvent();
    event.mutable_salt()->front() ^= 1;
    EXPECT_NE(contentHash(event), original);
    event = sampleEvent();
    event.set_seq(99);
    EXPECT_EQ(contentHash(event), original) << "the content is the same wherever it stands";
}

TEST(Hashes, EveryBodyHasAHashOfItsOwn) {
    std::set<std::string> hashes;
    v1::Event event;
    event.set_salt("salt");
    hashes.insert(contentHash(event));
    event.mutable_opened();
    hashes.insert(contentHash(event));
    event.mutable_message();
    hashes.insert(contentHash(event));
    event.mutable_read();
    hashes.insert(contentHash(event));
    event.mutable_rating();
    hashes.insert(contentHash(event));
    event.mutable_closed();
    hashes.insert(contentHash(event));
    event.mutable_assigned();
    hashes.insert(contentHash(event));
    event.mutable_note();
    hashes.insert(contentHash(event));
    EXPECT_EQ(hashes.size(), 8U);
}

}  // namespace
}  // namespace parlor
