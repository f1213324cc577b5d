// Tokens that we did not sign must not be granted, whatever they look like.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/session/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parlor::gateway;
    static Stats stats;
    static Tokens tokens({{"k1", "a secret that is in no corpus and of no file"}},
                         std::chrono::hours(1), &std::chrono::system_clock::now, stats);
    if (tokens.check({reinterpret_cast<const char*>(data), size})) std::abort();
    return 0;
}
