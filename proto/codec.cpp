#include "proto/codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <stdexcept>

namespace parlor {
namespace {

// Protobuf reports text that is not UTF-8 on stderr, once a field: a stranger must not fill our
// logs. Whoever decodes gets an error and counts it.
[[maybe_unused]] const auto kFormerLogHandler = google::protobuf::SetLogHandler(nullptr);

std::string sha256(std::string_view bytes) {
    // Once: SHA256() looks for it each time, which costs as much as the digest of an event.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) != 1) {
        throw std::runtime_error("SHA-256 does not work");
    }
    return {digest.begin(), digest.end()};
}

void appendNumber(std::string& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void appendField(std::string& out, std::string_view bytes) {
    appendNumber(out, bytes.size());
    out.append(bytes);
}

// A field of a message type: its tag, its length, its bytes.
std::string fieldBytes(int number, const google::protobuf::MessageLite& message) {
    constexpr std::uint32_t kLengthDelimited = 2;
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        coded.WriteTag((static_cast<std::uint32_t>(number) << 3U) | kLengthDelimited);
        coded.WriteVarint32(static_cast<std::uint32_t>(message.ByteSizeLong()));
        message.SerializeToCodedStream(&coded);
    }
    return bytes;
}

// The body alone, as bytes that the same body always gives: those of an event that has nothing
// else.
std::string bodyBytes(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            return fieldBytes(v1::Event::kOpenedFieldNumber, event.opened());
        case v1::Event::kMessage:
            return fieldBytes(v1::Event::kMessageFieldNumber, event.message());
        case v1::Event::kRead:
            return fieldBytes(v1::Event::kReadFieldNumber, event.read());
        case v1::Event::kRating:
            return fieldBytes(v1::Event::kRatingFieldNumber, event.rating());
        case v1::Event::kClosed:
            return fieldBytes(v1::Event::kClosedFieldNumber, event.closed());
        case v1::Event::kAssigned:
            return fieldBytes(v1::Event::kAssignedFieldNumber, event.assigned());
        case v1::Event::kNote:
            return fieldBytes(v1::Event::kNoteFieldNumber, event.note());
        case v1::Event::kQueued:
            return fieldBytes(v1::Event::kQueuedFieldNumber, event.queued());
        case v1::Event::kReleased:
            return fieldBytes(v1::Event::kReleasedFieldNumber, event.released());
        case v1::Event::kJoined:
            return fieldBytes(v1::Event::kJoinedFieldNumber, event.joined());
        case v1::Event::kLeft:
            return fieldBytes(v1::Event::kLeftFieldNumber, event.left());
        case v1::Event::kTransferred:
            return fieldBytes(v1::Event::kTransferredFieldNumber, event.transferred());
        case v1::Event::kReopened:
            return fieldBytes(v1::Event::kReopenedFieldNumber, event.reopened());
        case v1::Event::kOffered:
            return fieldBytes(v1::Event::kOfferedFieldNumber, event.offered());
        case v1::Event::kDeclined:
            return fieldBytes(v1::Event::kDeclinedFieldNumber, event.declined());
        case v1::Event::BODY_NOT_SET:
            break;
    }
    return {};
}

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

}  // namespace

std::string encode(const google::protobuf::MessageLite& message) {
    return message.SerializeAsString();
}

bool isUtf8(std::string_view text) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const auto* end = p + text.size();
    while (p < end) {
        if (*p < 0x80) {
            ++p;
            continue;
        }
        int more = 0;
        std::uint32_t code = 0;
        std::uint32_t least = 0;
        if ((*p & 0xE0) == 0xC0) {
            more = 1, code = *p & 0x1FU, least = 0x80;
        } else if ((*p & 0xF0) == 0xE0) {
            more = 2, code = *p & 0x0FU, least = 0x800;
        } else if ((*p & 0xF8) == 0xF0) {
            more = 3, code = *p & 0x07U, least = 0x10000;
        } else {
            return false;
        }
        if (end - p <= more) return false;
        for (int i = 1; i <= more; ++i) {
            if ((p[i] & 0xC0) != 0x80) return false;
            code = (code << 6) | (p[i] & 0x3FU);
        }
        const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (code < least || code > 0x10FFFF || surrogate) return false;
        p += more + 1;
    }
    return true;
}

Expected<bool> validateText(std::string_view text, std::size_t maxBytes, std::string_view what) {
    if (text.size() > maxBytes) {
        return Error{Errc::tooLarge, std::string(what) + ": " + std::to_string(text.size()) +
                                         " bytes, at most " + std::to_string(maxBytes)};
    }
    if (!isUtf8(text)) return malformed(std::string(what) + ": not UTF-8");
    return true;
}

Expected<std::vector<v1::Answer>> decodeReply(const std::string& correlation,
                                              std::string_view payload) {
    std::vector<v1::Answer> answers;
    if (correlation.empty()) {
        auto together = decode<v1::Answers>(payload);
        if (!together) return together.error();
        for (v1::Answer& each : *together->mutable_answers()) answers.push_back(std::move(each));
        return answers;
    }
    auto response = decode<v1::Response>(payload);
    if (!response) return response.error();
    v1::Answer& answer = answers.emplace_back();
    answer.set_correlation(correlation);
    *answer.mutable_response() = std::move(*response);
    return answers;
}

Expected<bool> validatePriority(std::uint32_t priority, std::string_view what) {
    if (priority <= kMaxPriority) return true;
    return malformed(std::string(what) + ": at most " + std::to_string(kMaxPriority));
}

Expected<bool> validate(const v1::Transfer& transfer) {
    switch (transfer.to_case()) {
        case v1::Transfer::kAgent:
            if (auto id = AgentId::parse(transfer.agent()); !id) return id.error();
            break;
        case v1::Transfer::kDepartment:
            if (auto id = DepartmentId::parse(transfer.department()); !id) return id.error();
            break;
        case v1::Transfer::TO_NOT_SET:
            return malformed("transfer: to nobody");
    }
    if (auto ok = validatePriority(transfer.priority(), "transfer.priority"); !ok) return ok;
    return validateText(transfer.note(), kMaxTextBytes, "transfer.note");
}

Expected<bool> validate(const v1::Draft& draft) {
    if (auto id = RequestId::parse(draft.request_id()); !id) return id.error();
    switch (draft.body_case()) {
        case v1::Draft::kMessage:
            if (draft.message().text().empty()) return malformed("message.text: empty");
            return validateText(draft.message().text(), kMaxTextBytes, "message.text");
        case v1::Draft::kNote:
            if (draft.note().text().empty()) return malformed("note.text: empty");
            return validateText(draft.note().text(), kMaxTextBytes, "note.text");
        case v1::Draft::kRead:
            return true;
        case v1::Draft::kRating:
            if (draft.rating().score() < 1 || draft.rating().score() > 5) {
                return malformed("rating.score: must be 1 to 5");
            }
            return validateText(draft.rating().comment(), kMaxTextBytes, "rating.comment");
        case v1::Draft::kClose:
            return validateText(draft.close().reason(), kMaxNameBytes, "close.reason");
        case v1::Draft::kTransfer:
            return validate(draft.transfer());
        case v1::Draft::kPrioritize:
            return validatePriority(draft.prioritize().priority(), "prioritize.priority");
        case v1::Draft::kAccept:
        case v1::Draft::kDecline:
        case v1::Draft::kTakeOver:
        case v1::Draft::kJoin:
        case v1::Draft::kLeave:
            return true;
        case v1::Draft::BODY_NOT_SET:
            break;
    }
    return malformed("draft: no body");
}

Expected<bool> validate(const v1::Post& post) {
    if (post.drafts_size() == 0) return malformed("post: no drafts");
    if (post.drafts_size() > static_cast<int>(kMaxDraftsPerPost)) {
        return Error{Errc::tooLarge, "post: " + std::to_string(post.drafts_size()) +
                                         " drafts, at most " + std::to_string(kMaxDraftsPerPost)};
    }
    for (const auto& draft : post.drafts()) {
        if (auto ok = validate(draft); !ok) return ok;
    }
    return true;
}

Expected<bool> validate(const v1::OpenRequest& request) {
    if (auto id = ConversationId::parse(request.conversation()); !id) return id.error();
    if (auto id = RequestId::parse(request.request_id()); !id) return id.error();
    if (!request.department().empty()) {
        if (auto id = DepartmentId::parse(request.department()); !id) return id.error();
    }
    const auto& visitor = request.visitor();
    const std::array<std::pair<const std::string*, std::string_view>, 4> names{{
        {&visitor.name(), "visitor.name"},
        {&visitor.email(), "visitor.email"},
        {&visitor.page_title(), "visitor.page_title"},
        {&visitor.locale(), "visitor.locale"},
    }};
    for (const auto& [text, what] : names) {
        if (auto ok = validateText(*text, kMaxNameBytes, what); !ok) return ok;
    }
    const std::array<std::pair<const std::string*, std::string_view>, 3> urls{{
        {&visitor.page_url(), "visitor.page_url"},
        {&visitor.referrer(), "visitor.referrer"},
        {&visitor.user_agent(), "visitor.user_agent"},
    }};
    for (const auto& [text, what] : urls) {
        if (auto ok = validateText(*text, kMaxUrlBytes, what); !ok) return ok;
    }
    return true;
}

v1::Failure toFailure(const Error& error) {
    v1::Failure failure;
    failure.set_code(static_cast<v1::ErrorCode>(error.code));
    failure.set_text(error.text);
    if (error.code == Errc::unavailable || error.code == Errc::overloaded) {
        failure.set_retry_after_ms(1000);
    }
    return failure;
}

Error toError(const v1::Failure& failure) {
    const int code = failure.code();
    const bool known =
        code >= static_cast<int>(Errc::malformed) && code <= static_cast<int>(Errc::internal);
    return {known ? static_cast<Errc>(code) : Errc::internal, failure.text()};
}

std::string contentHash(const v1::Event& event) {
    std::string bytes;
    appendField(bytes, event.salt());
    appendField(bytes, bodyBytes(event));
    return sha256(bytes);
}

std::string canonicalHash(const v1::Event& event) {
    std::string bytes;
    bytes.reserve(384);
    appendField(bytes, "parlor.event.v1");
    appendField(bytes, event.conversation());
    appendNumber(bytes, static_cast<std::uint64_t>(event.stream()));
    appendNumber(bytes, event.seq());
    appendNumber(bytes, event.epoch());
    appendNumber(bytes, static_cast<std::uint64_t>(event.recorded_at_ms()));
    appendNumber(bytes, static_cast<std::uint64_t>(event.author().kind()));
    appendField(bytes, event.author().id());
    appendField(bytes, event.request_id());
    appendNumber(bytes, event.after_seq());
    appendField(bytes, event.content_hash());
    appendField(bytes, event.previous_hash());
    return sha256(bytes);
}

}  // namespace parlor
