#pragma once

#include <array>
#include <random>
#include <string>
#include <string_view>

#include "proto/ids.h"

namespace parlor::test {

// Random values from a fixed seed, which a failing test prints.
class Generator {
 public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    std::string name(std::size_t maxLength, std::string_view extra) {
        const std::string alphabet = "abcdefghijklmnopqrstuvwxyz0123456789" + std::string(extra);
        std::string text(1 + below(maxLength), ' ');
        for (auto& c : text) c = alphabet[below(alphabet.size())];
        return text;
    }
    // A name that is no reserved word.
    template <class Id>
    Id id(std::size_t maxLength, std::string_view extra) {
        while (true) {
            if (auto made = Id::parse(name(maxLength, extra))) return *made;
        }
    }
    Ulid ulid() {
        std::array<std::uint8_t, 16> bytes{};
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
        return Ulid::fromBytes(bytes);
    }
    std::string bytes(std::size_t maxLength) {
        std::string text(below(maxLength + 1), ' ');
        for (auto& c : text) c = static_cast<char>(below(256));
        return text;
    }
    // `text` with up to three small changes, or none.
    std::string mutated(std::string text) {
        for (auto changes = below(4); changes > 0; --changes) change(text);
        return text;
    }

 private:
    void change(std::string& text) {
        constexpr std::string_view kLikely = "/abz09-_.+#$AZ \x80";
        const auto at = below(text.size() + 1);
        const char c = kLikely[below(kLikely.size())];
        switch (below(4)) {
            case 0:
                text.insert(at, 1, c);
                break;
            case 1:
                if (at < text.size()) text.erase(at, 1);
                break;
            case 2:
                if (at < text.size()) text[at] = c;
                break;
            default:
                text.resize(at);
        }
    }

    std::mt19937 random_;
};

}  // namespace parlor::test
