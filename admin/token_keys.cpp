#include "admin/token_keys.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "proto/ids.h"

namespace parlor::admin {
namespace {

constexpr std::string_view kOpening = "opening";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxKid = 64;

bool isKid(std::string_view text) { return isName(text, kMaxKid, "._-"); }

bool isKey(const std::string& line) {
    return line.find_first_not_of(" \r") != std::string::npos && line.front() != '#';
}
std::string kidOf(const std::string& line) { return line.substr(0, line.find(':')); }

bool signsOrVerifies(const std::string& line) { return isKey(line) && kidOf(line) != kOpening; }

// In hexadecimal digits.
std::string randomSecret() {
    std::array<unsigned char, kSecretBytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system has no random numbers");
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xF];
    }
    return text;
}

Error noSuchKey(const std::string& kid) { return {Errc::notFound, "there is no key " + kid}; }

}  // namespace

std::string_view name(KeyFile::Use use) {
    switch (use) {
        case KeyFile::Use::signs:
            return "signs";
        case KeyFile::Use::verifies:
            return "verifies";
        case KeyFile::Use::opening:
            return "opening";
    }
    return "";
}

Expected<KeyFile> KeyFile::parse(std::string_view text) {
    KeyFile file;
    std::set<std::string> kids;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        file.lines_.push_back(line);
        if (!isKey(line)) continue;
        const auto where = "line " + std::to_string(file.lines_.size());
        const bool isRight = line.find(':') != std::string::npos && isKid(kidOf(line));
        if (!isRight) return Error{Errc::malformed, where + ": expected kid:secret"};
        if (!kids.insert(kidOf(line)).second) {
            return Error{Errc::malformed, where + ": the kid " + kidOf(line) + " is there twice"};
        }
    }
    return file;
}

std::vector<KeyFile::Key> KeyFile::keys() const {
    std::vector<Key> keys;
    bool any = false;
    for (const auto& line : lines_) {
        if (!isKey(line)) continue;
        if (!signsOrVerifies(line)) {
            keys.push_back({kidOf(line), Use::opening});
            continue;
        }
        keys.push_back({kidOf(line), any ? Use::verifies : Use::signs});
        any = true;
    }
    return keys;
}

Expected<std::string> KeyFile::add(const std::optional<std::string>& kid) {
    std::string chosen = kid.value_or("k1");
    for (int i = 2; !kid && find(chosen) != lines_.end(); ++i) chosen = "k" + std::to_string(i);
    if (!isKid(chosen)) return Error{Errc::malformed, "a key's name is of a-z 0-9 . _ -"};
    if (chosen == kOpening) {
        return Error{Errc::malformed, "the key named opening is made with the first one"};
    }
    if (find(chosen) != lines_.end()) return Error{Errc::conflict, "there is a key " + chosen};
    keepOpening();
    const auto first = firstKey();
    const bool isFirst = first == lines_.end();
    lines_.insert(isFirst ? first : first + 1, chosen + ":" + randomSecret());
    if (isFirst && find(std::string(kOpening)) == lines_.end()) {
        lines_.push_back(std::string(kOpening) + ":" + randomSecret());
    }
    return chosen;
}

Expected<void> KeyFile::use(const std::string& kid) {
    const auto found = find(kid);
    if (found == lines_.end() || kid == kOpening) return noSuchKey(kid);
    const auto line = *found;
    keepOpening();
    lines_.erase(find(kid));
    lines_.insert(firstKey(), line);
    return {};
}

Expected<void> KeyFile::remove(const std::string& kid) {
    if (find(kid) == lines_.end()) return noSuchKey(kid);
    if (kid == kOpening) {
        return Error{Errc::conflict,
                     "ids of conversations are made from the key opening: it stays"};
    }
    if (find(kid) == firstKey()) {
        return Error{Errc::conflict, kid + " signs: let another one do so first"};
    }
    keepOpening();
    lines_.erase(find(kid));
    return {};
}

std::string KeyFile::text() const {
    std::string text;
    for (const auto& line : lines_) text += line + "\n";
    return text;
}

std::vector<std::string>::iterator KeyFile::find(const std::string& kid) {
    return std::find_if(lines_.begin(), lines_.end(),
                        [&](const std::string& line) { return isKey(line) && kidOf(line) == kid; });
}

std::vector<std::string>::iterator KeyFile::firstKey() {
    return std::find_if(lines_.begin(), lines_.end(), signsOrVerifies);
}

// Where no line is named so, the last one serves; it must not become another one.
void KeyFile::keepOpening() {
    const auto last = std::find_if(lines_.rbegin(), lines_.rend(), isKey);
    if (last == lines_.rend() || find(std::string(kOpening)) != lines_.end()) return;
    lines_.push_back(std::string(kOpening) + last->substr(last->find(':')));
}

}  // namespace parlor::admin
