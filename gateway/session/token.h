#pragma once

// The visitor's right to one conversation: a JWT (RFC 7519), HS256.

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/mailbox/stats.h"
#include "gateway/session/token_keys.h"
#include "proto/ids.h"

namespace Poco::JWT {
class Signer;
}

namespace parlor::gateway {

// What a good token says.
struct Grant {
    SiteId site;
    ConversationId conversation;
    std::chrono::system_clock::time_point expires;
};

// Signs and checks tokens; remembers what it checked, because polls repeat theirs. Belongs to one
// shard's thread.
class Tokens {
 public:
    using WallNow = std::function<std::chrono::system_clock::time_point()>;
    static constexpr std::size_t kMaxTokenBytes = 2048;
    static constexpr std::size_t kMaxCached = 32768;

    // One of `keys` at least signs. Where they are replaced, the next call works with the new ones.
    Tokens(TokenKeys keys, std::chrono::seconds lifetime, WallNow now, Stats& stats,
           std::size_t maxCached = kMaxCached);
    ~Tokens();

    std::string sign(const SiteId& site, const ConversationId& conversation);
    // The conversation that this request opens: the same on every replica, and known to nobody
    // without the keys.
    ConversationId conversationOf(const SiteId& site, const RequestId& request);
    // The request's name in the record, which agents read: who knows it cannot open the
    // conversation again with it, and so be given a visitor's token.
    RequestId recordedRequest(const SiteId& site, const RequestId& request);
    // Nothing for a token that is malformed, signed by nobody we know, or expired.
    std::optional<Grant> check(std::string_view token);

 private:
    using Digest = std::array<unsigned char, 32>;
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    using Grants = std::unordered_map<Digest, Grant, DigestHash>;

    class CryptoHold;
    class Hasher;

    void followKeys();
    void takeKeys();
    // Null for one that is not remembered.
    const Grant* remembered(const Digest& digest);
    const Grant& remember(const Digest& digest, const Grant& grant);
    std::optional<Grant> verify(const std::string& token) const;
    Ulid derive(std::string_view purpose, const SiteId& site, const RequestId& request);

    const std::size_t maxCached_;
    const std::chrono::seconds lifetime_;
    const WallNow now_;
    Stats& stats_;
    const std::unique_ptr<CryptoHold> crypto_;
    const std::unique_ptr<Hasher> hasher_;
    const TokenKeys keys_;
    std::uint64_t version_ = 0;  // of the keys below
    std::string signingKid_;
    std::string openingSecret_;
    std::map<std::string, std::unique_ptr<Poco::JWT::Signer>> signers_;
    // By SHA-256 of the token, which is a tenth of its size. When the newer half is full it becomes
    // the older one; what is used of that moves over before the next time.
    Grants newer_;
    Grants older_;
};

}  // namespace parlor::gateway
