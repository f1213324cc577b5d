#pragma once

// Bytes of the schemas in proto/parlor/v1, their limits, and the record's hash chain.

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parlor/v1/event.pb.h"
#include "parlor/v1/post.pb.h"
#include "parlor/v1/rpc.pb.h"
#include "parlor/v1/state.pb.h"
#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor {

inline constexpr std::size_t kMaxTextBytes = 8 * 1024;        // a message's or a note's text
inline constexpr std::size_t kMaxDraftsPerPost = 64;          // drafts in one post
inline constexpr std::size_t kMaxPayloadBytes = 1024 * 1024;  // any payload on the bus
inline constexpr std::size_t kMaxNameBytes = 256;             // names, titles, reasons, comments
inline constexpr std::size_t kMaxUrlBytes = 2048;
inline constexpr std::uint32_t kMaxPriority = 9;
inline constexpr std::uint32_t kMaxHistoryEvents = 200;  // events in one HistoryResponse

std::string encode(const google::protobuf::MessageLite& message);

// Reads one message. Errc::malformed when the bytes do not parse (which includes text that is not
// UTF-8), Errc::tooLarge past kMaxPayloadBytes.
template <class Message>
Expected<Message> decode(std::string_view bytes);

// What came on a reply topic: a Response, with the message's correlation data, or without any
// Answers. Fails as decode() does.
Expected<std::vector<v1::Answer>> decodeReply(const std::string& correlation,
                                              std::string_view payload);

// Checks ids, limits and that a body is set; the text names the field. Ok is true.
Expected<bool> validate(const v1::Transfer& transfer);
Expected<bool> validate(const v1::Draft& draft);
Expected<bool> validate(const v1::Post& post);
Expected<bool> validate(const v1::OpenRequest& request);
// `what` names the field in the error's text.
Expected<bool> validatePriority(std::uint32_t priority, std::string_view what);
Expected<bool> validateText(std::string_view text, std::size_t maxBytes, std::string_view what);

v1::Failure toFailure(const Error& error);
Error toError(const v1::Failure& failure);

// SHA-256 over salt and the body's bytes, 32 bytes. Sets nothing.
std::string contentHash(const v1::Event& event);
// SHA-256, 32 bytes, over the event's canonical bytes, each field with its length in front:
// "parlor.event.v1", conversation, stream, seq, epoch, recorded_at_ms, author's kind and id,
// request_id, after_seq, content_hash, previous_hash; numbers big-endian. The body itself enters
// only by content_hash, so that erasing it keeps the chain.
std::string canonicalHash(const v1::Event& event);

// True where the text is well-formed UTF-8 (RFC 3629).
bool isUtf8(std::string_view text);

template <class Message>
Expected<Message> decode(std::string_view bytes) {
    if (bytes.size() > kMaxPayloadBytes) {
        return Error{Errc::tooLarge, "payload of " + std::to_string(bytes.size()) + " bytes"};
    }
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Error{Errc::malformed, "not a " + Message::descriptor()->full_name()};
    }
    return message;
}

}  // namespace parlor
