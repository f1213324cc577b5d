#include "proto/ids.h"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace parlor {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kTextLength = 26;
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> makeDecodeTable() {
    std::array<std::uint8_t, 256> table{};
    for (auto& entry : table) entry = kInvalid;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        const auto c = static_cast<unsigned char>(kAlphabet[i]);
        table[c] = static_cast<std::uint8_t>(i);
        if (c >= 'A') table[c + ('a' - 'A')] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto kDecode = makeDecodeTable();

// Random bytes are drawn from the operating system in blocks: one call serves many ids.
void randomBytes(std::uint8_t* out, std::size_t count) {
    thread_local std::array<std::uint8_t, 640> pool;
    thread_local std::size_t used = pool.size();
    if (used + count > pool.size()) {
        if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1) {
            throw std::runtime_error("no random bytes from the system");
        }
        used = 0;
    }
    std::copy_n(pool.begin() + static_cast<std::ptrdiff_t>(used), count, out);
    used += count;
}

}  // namespace

Ulid Ulid::generate() { return generate(std::chrono::system_clock::now()); }

Ulid Ulid::generate(std::chrono::system_clock::time_point at) {
    const auto ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
    Ulid id;
    for (std::size_t i = 0; i < 6; ++i) {
        id.bytes_[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    }
    randomBytes(id.bytes_.data() + 6, 10);
    return id;
}

Ulid Ulid::fromBytes(const std::array<std::uint8_t, 16>& bytes) {
    Ulid id;
    id.bytes_ = bytes;
    return id;
}

// 26 characters carry 130 bits: the first may hold only three.
Expected<Ulid> Ulid::parse(std::string_view text) {
    if (text.size() != kTextLength) {
        return Error{Errc::malformed,
                     "a ULID has 26 characters, not " + std::to_string(text.size())};
    }
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    unsigned seen = 0;
    for (const char c : text) {
        const std::uint8_t value = kDecode[static_cast<unsigned char>(c)];
        seen |= value;
        high = (high << 5) | (low >> 59);
        low = (low << 5) | (value & 31U);
    }
    if (seen > 31) return Error{Errc::malformed, "a ULID has no such character"};
    if (kDecode[static_cast<unsigned char>(text.front())] > 7) {
        return Error{Errc::malformed, "a ULID starts with 0 to 7"};
    }
    Ulid id;
    for (std::size_t i = 0; i < 8; ++i) {
        id.bytes_[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
        id.bytes_[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    }
    return id;
}

std::string Ulid::str() const {
    std::string text(kTextLength, '0');
    unsigned buffer = 0;
    int bits = 2;  // two leading zero bits make 130
    std::size_t out = 0;
    for (const std::uint8_t byte : bytes_) {
        buffer = (buffer << 8) | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text[out++] = kAlphabet[(buffer >> bits) & 31];
        }
    }
    return text;
}

std::chrono::system_clock::time_point Ulid::time() const {
    std::uint64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = (ms << 8) | bytes_[i];
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

bool isName(std::string_view text, std::size_t maxLength, std::string_view extraCharacters) {
    if (text.empty() || text.size() > maxLength) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               extraCharacters.find(c) != std::string_view::npos;
    });
}

}  // namespace parlor
