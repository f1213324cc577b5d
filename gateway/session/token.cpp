#include "gateway/session/token.h"

#include <Poco/Crypto/OpenSSLInitializer.h>
#include <Poco/Exception.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace parlor::gateway {
namespace {

constexpr const char* kIssuer = "parlor";
constexpr double kLatestExpiry = 4102444800;  // the year 2100, in seconds

Poco::Timestamp toPoco(std::chrono::system_clock::time_point at) {
    return Poco::Timestamp::fromEpochTime(std::chrono::system_clock::to_time_t(at));
}

bool signs(const TokenKey& key) { return key.kid != kOpeningKid; }

const TokenKey& openingKey(const std::vector<TokenKey>& keys) {
    const auto own = std::find_if_not(keys.begin(), keys.end(), signs);
    return own == keys.end() ? keys.back() : *own;
}

}  // namespace

// SHA-256 with its context kept: OpenSSL's one-shot call looks the algorithm up by name each time,
// which costs more than hashing a token.
class Tokens::Hasher {
 public:
    Hasher() : context_(EVP_MD_CTX_new()), algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
        if (!context_ || !algorithm_) throw std::runtime_error("OpenSSL has no SHA-256");
    }

    Digest sha256(std::string_view text) {
        Digest digest;
        if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1 ||
            EVP_DigestUpdate(context_.get(), text.data(), text.size()) != 1 ||
            EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) {
            throw std::runtime_error("SHA-256 failed");
        }
        return digest;
    }

 private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    };
    const std::unique_ptr<EVP_MD_CTX, Free> context_;
    const std::unique_ptr<EVP_MD, Free> algorithm_;
};

// Poco's digests set OpenSSL up when the first of them is made and tear it down with the last one;
// on two threads at a time the two meet, and the process dies. With one held all along, neither
// happens again.
class Tokens::CryptoHold {
    const Poco::Crypto::OpenSSLInitializer hold_;
};

std::size_t Tokens::DigestHash::operator()(const Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

Tokens::Tokens(TokenKeys keys, std::chrono::seconds lifetime, WallNow now, Stats& stats,
               std::size_t maxCached)
    : maxCached_(maxCached),
      lifetime_(lifetime),
      now_(std::move(now)),
      stats_(stats),
      crypto_(std::make_unique<CryptoHold>()),
      hasher_(std::make_unique<Hasher>()),
      keys_(std::move(keys)) {
    takeKeys();
}

Tokens::~Tokens() = default;

void Tokens::followKeys() {
    if (keys_.version() != version_) takeKeys();
}

// What was granted by a key that is gone is granted no more.
void Tokens::takeKeys() {
    version_ = keys_.version();
    const TokenKeys::List keys = keys_.list();
    signingKid_ = std::find_if(keys->begin(), keys->end(), signs)->kid;
    openingSecret_ = openingKey(*keys).secret;
    signers_.clear();
    for (const TokenKey& key : *keys) {
        if (signs(key)) signers_[key.kid] = std::make_unique<Poco::JWT::Signer>(key.secret);
    }
    newer_.clear();
    older_.clear();
    stats_.tokensCached.set(0);
}

std::string Tokens::sign(const SiteId& site, const ConversationId& conversation) {
    followKeys();
    const auto now = now_();
    Poco::JWT::Token token;
    token.setType("JWT");
    token.header().set("kid", signingKid_);
    token.setIssuer(kIssuer);
    token.setIssuedAt(toPoco(now));
    token.setExpiration(toPoco(now + lifetime_));
    token.payload().set("site", site.str());
    token.payload().set("conv", conversation.str());
    return signers_.at(signingKid_)->sign(token, Poco::JWT::Signer::ALGO_HS256);
}

ConversationId Tokens::conversationOf(const SiteId& site, const RequestId& request) {
    return ConversationId(derive("open", site, request));
}

RequestId Tokens::recordedRequest(const SiteId& site, const RequestId& request) {
    return RequestId(derive("opened", site, request));
}

// The time of the request's id, and 80 bits of a keyed hash over purpose, site and request.
Ulid Tokens::derive(std::string_view purpose, const SiteId& site, const RequestId& request) {
    followKeys();
    constexpr std::size_t kTimeBytes = 6;
    auto bytes = request.ulid().bytes();
    std::string text = "parlor." + std::string(purpose) + "." + site.str() + ".";
    text.append(bytes.begin(), bytes.end());
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (HMAC(EVP_sha256(), openingSecret_.data(), static_cast<int>(openingSecret_.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(),
             &length) == nullptr) {
        throw std::runtime_error("HMAC failed");
    }
    std::copy_n(mac.begin(), bytes.size() - kTimeBytes, bytes.begin() + kTimeBytes);
    return Ulid::fromBytes(bytes);
}

std::optional<Grant> Tokens::check(std::string_view token) {
    followKeys();
    if (token.empty() || token.size() > kMaxTokenBytes) {
        stats_.tokensRefused.add();
        return {};
    }
    const Digest digest = hasher_->sha256(token);
    const auto now = now_();
    if (const Grant* known = remembered(digest); known != nullptr && known->expires > now) {
        return *known;
    }
    const auto grant = verify(std::string(token));
    if (!grant || grant->expires <= now) {
        stats_.tokensRefused.add();
        return {};
    }
    return remember(digest, *grant);
}

const Grant* Tokens::remembered(const Digest& digest) {
    if (const auto found = newer_.find(digest); found != newer_.end()) return &found->second;
    auto old = older_.extract(digest);
    if (!old) return nullptr;
    return &remember(digest, old.mapped());
}

const Grant& Tokens::remember(const Digest& digest, const Grant& grant) {
    if (newer_.size() >= maxCached_ / 2) {
        older_ = std::move(newer_);
        newer_.clear();
    }
    const Grant& kept = newer_.insert_or_assign(digest, grant).first->second;
    stats_.tokensCached.set(static_cast<std::int64_t>(newer_.size() + older_.size()));
    return kept;
}

std::optional<Grant> Tokens::verify(const std::string& text) const {
    try {
        const Poco::JWT::Token claimed(text);
        const auto signer = signers_.find(claimed.header().optValue<std::string>("kid", ""));
        if (signer == signers_.end()) return {};
        Poco::JWT::Token token;
        if (!signer->second->tryVerify(text, token)) return {};
        if (token.getIssuer() != kIssuer || !token.payload().has("exp")) return {};
        // Past that the clocks' numbers run over.
        const auto expires = token.payload().getValue<double>("exp");
        if (!(expires > 0 && expires < kLatestExpiry)) return {};
        const auto site = SiteId::parse(token.payload().optValue<std::string>("site", ""));
        const auto conversation =
            ConversationId::parse(token.payload().optValue<std::string>("conv", ""));
        if (!site || !conversation) return {};
        return Grant{*site, *conversation,
                     std::chrono::system_clock::from_time_t(token.getExpiration().epochTime())};
    } catch (const Poco::Exception&) {
        return {};
    } catch (const std::exception&) {  // Poco lets what the standard library throws pass
        return {};
    }
}

}  // namespace parlor::gateway
