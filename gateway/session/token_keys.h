#pragma once

// The keys of visitors' tokens, which may be changed while the gateway runs.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::gateway {

struct TokenKey {
    std::string kid;
    std::string secret;  // at least 32 bytes
};

// Reads a key file: lines `kid:secret`, the secret in hex or base64 (at least 32 bytes); empty
// lines and lines that start with # are skipped. The first key signs, all verify, but for the one
// named kOpeningKid, from which ids are made: it stays while the others are changed, and without it
// the last one serves. Throws std::runtime_error with one clear sentence, which never holds a
// secret.
inline constexpr std::string_view kOpeningKid = "opening";
std::vector<TokenKey> readTokenKeys(const std::string& path);

// What all shards' Tokens work with; a copy is another handle on the same keys. Any thread.
class TokenKeys {
 public:
    using List = std::shared_ptr<const std::vector<TokenKey>>;

    TokenKeys(std::vector<TokenKey> keys = {});

    // Every Tokens goes on with `keys`, of which one at least signs, from its next call.
    void replace(std::vector<TokenKey> keys);
    // Another one after every replacement; the list is then at least as new. Takes no lock.
    std::uint64_t version() const { return state_->version.load(std::memory_order_acquire); }
    List list() const;

 private:
    struct State {
        std::mutex mutex;
        List list;  // guarded by mutex
        std::atomic<std::uint64_t> version{0};
    };
    std::shared_ptr<State> state_;
};

}  // namespace parlor::gateway
