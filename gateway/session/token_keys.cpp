#include "gateway/session/token_keys.h"

#include <Poco/Base64Decoder.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "proto/ids.h"

namespace parlor::gateway {
namespace {

constexpr std::size_t kMinSecretBytes = 32;

bool isHex(const std::string& text) {
    return text.size() % 2 == 0 &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

std::string fromHex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string fromBase64(const std::string& text) {
    std::istringstream in(text);
    Poco::Base64Decoder decoder(in);
    std::string bytes;
    for (int c = decoder.get(); c != std::char_traits<char>::eof(); c = decoder.get()) {
        bytes.push_back(static_cast<char>(c));
    }
    return bytes;
}

TokenKey parseLine(const std::string& line, const std::string& where) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || !isName(line.substr(0, colon), 64, "._-")) {
        throw std::runtime_error(where + ": expected kid:secret, with a kid of a-z 0-9 . _ -");
    }
    const std::string text = line.substr(colon + 1);
    std::string secret;
    try {
        secret = isHex(text) ? fromHex(text) : fromBase64(text);
    } catch (const Poco::Exception&) {
        throw std::runtime_error(where + ": the secret is neither hex nor base64");
    }
    if (secret.size() < kMinSecretBytes) {
        throw std::runtime_error(where + ": the secret has " + std::to_string(secret.size()) +
                                 " bytes, at least " + std::to_string(kMinSecretBytes) +
                                 " are needed");
    }
    return {line.substr(0, colon), std::move(secret)};
}

}  // namespace

std::vector<TokenKey> readTokenKeys(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("token.keyFile: cannot read " + path);
    std::vector<TokenKey> keys;
    std::set<std::string> kids;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.empty() || line.front() == '#') continue;
        const std::string where = path + ", line " + std::to_string(number);
        keys.push_back(parseLine(line, where));
        if (!kids.insert(keys.back().kid).second) {
            throw std::runtime_error(where + ": the kid " + keys.back().kid + " is there twice");
        }
    }
    if (file.bad()) throw std::runtime_error("token.keyFile: cannot read " + path);
    if (keys.size() == kids.count(std::string(kOpeningKid))) {
        throw std::runtime_error("token.keyFile: no key in " + path);
    }
    return keys;
}

TokenKeys::TokenKeys(std::vector<TokenKey> keys) : state_(std::make_shared<State>()) {
    replace(std::move(keys));
}

void TokenKeys::replace(std::vector<TokenKey> keys) {
    auto list = std::make_shared<const std::vector<TokenKey>>(std::move(keys));
    const std::lock_guard lock(state_->mutex);
    state_->list = std::move(list);
    state_->version.fetch_add(1, std::memory_order_release);
}

TokenKeys::List TokenKeys::list() const {
    const std::lock_guard lock(state_->mutex);
    return state_->list;
}

}  // namespace parlor::gateway
