// Tokens and cursors. What we did not sign must not be granted, whatever it looks like; what we did
// sign must say what a grant needs. libFuzzer; the first byte chooses.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/session/token.h"
#include "proto/cursor.h"

namespace {

using namespace parlor;
using namespace parlor::gateway;

constexpr std::string_view kSecret = "a secret that is in no corpus and of no file";
constexpr std::string_view kHeader = R"({"alg":"HS256","kid":"k1","typ":"JWT"})";

void require(bool holds) {
    if (!holds) std::abort();
}

std::string base64Url(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    text.resize(text.find_last_not_of('=') + 1);
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string sign(std::string_view claims) {
    std::string token = base64Url(kHeader) + "." + base64Url(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac.data(), &length);
    return token + "." + base64Url({reinterpret_cast<const char*>(mac.data()), length});
}

// A header and claims that anybody can make, apart at the first line's end, and a signature that is
// none: a secret of its length is not to be guessed.
std::string forge(std::string_view text) {
    const auto end = std::min(text.find('\n'), text.size());
    return base64Url(text.substr(0, end)) + "." +
           base64Url(text.substr(std::min(end + 1, text.size()))) + "." + base64Url(kHeader);
}

void cursor(std::string_view text) {
    const auto parsed = Cursor::parse(text);
    if (parsed) require(Cursor::parse(parsed->str()).value() == *parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static Stats stats;
    static Tokens tokens(std::vector<TokenKey>{{"k1", std::string(kSecret)}}, std::chrono::hours(1),
                         &std::chrono::system_clock::now, stats);
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            require(!tokens.check(text));
            break;
        case 1:
            require(!tokens.check(forge(text)));
            break;
        case 2:
            if (const auto grant = tokens.check(sign(text))) {
                require(grant->expires > std::chrono::system_clock::now());
                require(SiteId::parse(grant->site.str()).has_value());
                require(ConversationId::parse(grant->conversation.str()).has_value());
            }
            break;
        default:
            cursor(text);
            break;
    }
    return 0;
}
