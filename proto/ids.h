#pragma once

// Identifiers as types: a ConversationId is never mistaken for a RequestId or a plain string.

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor {

// 48 bits of Unix milliseconds and 80 random bits; 26 characters of Crockford base32 as text
// (https://github.com/ulid/spec). Ordered by time, then at random.
class Ulid {
 public:
    Ulid() = default;  // all zero: "none"

    // A new one for now; any thread.
    static Ulid generate();
    static Ulid generate(std::chrono::system_clock::time_point at);
    // Reads exactly 26 characters, either case; I, L, O and U are refused, as are values over
    // 2^128-1.
    static Expected<Ulid> parse(std::string_view text);
    static Ulid fromBytes(const std::array<std::uint8_t, 16>& bytes);

    std::string str() const;
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    std::chrono::system_clock::time_point time() const;
    bool isNone() const { return *this == Ulid(); }
    auto operator<=>(const Ulid&) const = default;

 private:
    std::array<std::uint8_t, 16> bytes_{};
};

// A Ulid that names one kind of thing.
template <class Tag>
class UlidOf {
 public:
    UlidOf() = default;
    explicit UlidOf(Ulid value) : value_(value) {}

    static UlidOf generate() { return UlidOf(Ulid::generate()); }
    static Expected<UlidOf> parse(std::string_view text) {
        auto value = Ulid::parse(text);
        if (!value) return Error{value.error().code, Tag::kWhat + (": " + value.error().text)};
        return UlidOf(*value);
    }

    std::string str() const { return value_.str(); }
    const Ulid& ulid() const { return value_; }
    bool isNone() const { return value_.isNone(); }
    auto operator<=>(const UlidOf&) const = default;

 private:
    Ulid value_;
};

struct ConversationTag {
    static constexpr const char* kWhat = "conversation id";
};
struct RequestTag {
    static constexpr const char* kWhat = "request_id";
};
using ConversationId = UlidOf<ConversationTag>;
using RequestId = UlidOf<RequestTag>;

// The alphabets of names; `.` and capitals only where they are harmless.
bool isName(std::string_view text, std::size_t maxLength, std::string_view extraCharacters);

// A short name that stands in topics. Tag gives kWhat, kMaxLength, kExtra (characters besides
// [a-z0-9]) and reserved().
template <class Tag>
class NameOf {
 public:
    static Expected<NameOf> parse(std::string_view text) {
        if (!isName(text, Tag::kMaxLength, Tag::kExtra) || Tag::reserved(text)) {
            return Error{Errc::malformed, std::string(Tag::kWhat) + ": must be 1 to " +
                                              std::to_string(Tag::kMaxLength) + " of a-z 0-9 " +
                                              std::string(Tag::kExtra.substr(0, 3)) +
                                              " and no reserved word"};
        }
        return NameOf(std::string(text));
    }

    const std::string& str() const { return value_; }
    auto operator<=>(const NameOf&) const = default;

 private:
    explicit NameOf(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

inline constexpr std::string_view kGatewayCaller = "gateway";
inline constexpr std::string_view kLedgerParty = "ledger";
inline constexpr std::string_view kAdminCaller = "parlor-admin";  // the command line tool

struct NoneReserved {
    static bool reserved(std::string_view) { return false; }
};
struct SiteTag : NoneReserved {
    static constexpr const char* kWhat = "site";
    static constexpr std::size_t kMaxLength = 32;
    static constexpr std::string_view kExtra = "-";
};
struct DepartmentTag : NoneReserved {
    static constexpr const char* kWhat = "department";
    static constexpr std::size_t kMaxLength = 32;
    static constexpr std::string_view kExtra = "-";
};
struct AgentTag {
    static constexpr const char* kWhat = "agent";
    static constexpr std::size_t kMaxLength = 64;
    static constexpr std::string_view kExtra = "._-";
    // Parts of Parlor speak under these names in the same place of a topic.
    static bool reserved(std::string_view text) {
        return text == kGatewayCaller || text == kLedgerParty || text == kAdminCaller;
    }
};
struct CallerTag : NoneReserved {
    static constexpr const char* kWhat = "caller";
    static constexpr std::size_t kMaxLength = 64;
    static constexpr std::string_view kExtra = "._-";
};
struct PartyTag : NoneReserved {
    static constexpr const char* kWhat = "party";
    static constexpr std::size_t kMaxLength = 64;
    static constexpr std::string_view kExtra = "._-";
};
struct ClientTag : NoneReserved {
    static constexpr const char* kWhat = "client";
    static constexpr std::size_t kMaxLength = 64;
    static constexpr std::string_view kExtra = "._-";
};
using SiteId = NameOf<SiteTag>;
using DepartmentId = NameOf<DepartmentTag>;
using AgentId = NameOf<AgentTag>;
using CallerId = NameOf<CallerTag>;  // who writes rpc: an agent's id or a reserved word
using PartyId = NameOf<PartyTag>;    // who writes out/live: "ledger" or an agent's id
using ClientId = NameOf<ClientTag>;  // one running process or program of a caller

}  // namespace parlor

template <>
struct std::hash<parlor::Ulid> {
    std::size_t operator()(const parlor::Ulid& id) const noexcept {
        std::size_t low;  // the random half; well distributed as it is
        std::memcpy(&low, id.bytes().data() + 8, sizeof low);
        return low;
    }
};
template <class Tag>
struct std::hash<parlor::UlidOf<Tag>> {
    std::size_t operator()(const parlor::UlidOf<Tag>& id) const noexcept {
        return std::hash<parlor::Ulid>()(id.ulid());
    }
};
template <class Tag>
struct std::hash<parlor::NameOf<Tag>> {
    std::size_t operator()(const parlor::NameOf<Tag>& id) const noexcept {
        return std::hash<std::string>()(id.str());
    }
};
