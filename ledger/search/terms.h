#pragma once

// Which terms a text has: what it can be found by, alike on every database. Words of alphabetic
// scripts, in one case and without the many ways to write one letter (NFKC, case-folded); where a
// script puts no spaces between words (Chinese, Japanese, Thai …) every two characters that stand
// together.

#include <string>
#include <string_view>
#include <vector>

#include "proto/errors.h"

namespace parlor::ledger {

// Longer words are found by their beginning. In code points; every database's index takes as many.
inline constexpr int kMaxTermLength = 32;

// Each once, in no order. A text that is not UTF-8 has none.
std::vector<std::string> termsOf(std::string_view text);

// A question, taken apart.
struct SearchQuery {
    std::vector<std::string> terms;    // all of them must be there
    std::vector<std::string> phrases;  // normalized; each must stand in the text as it is

    // malformed where nothing can be searched for: no letters, or one character of a script without
    // spaces alone.
    static Expected<SearchQuery> parse(std::string_view text);
    // Whether a text that has the terms also has the phrases.
    bool fits(std::string_view text) const;
};

}  // namespace parlor::ledger
