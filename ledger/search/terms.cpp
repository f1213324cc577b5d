#include "ledger/search/terms.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <set>

namespace parlor::ledger {
namespace {

// https://www.unicode.org/reports/tr15 and tr44: compatibility forms composed, case folded.
icu::UnicodeString normalized(std::string_view text) {
    UErrorCode failed = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCCasefoldInstance(failed);
    const auto wide =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
    if (U_FAILURE(failed)) return wide;
    auto result = form->normalize(wide, failed);
    return U_FAILURE(failed) ? wide : result;
}

std::string toUtf8(const icu::UnicodeString& text) {
    std::string bytes;
    text.toUTF8String(bytes);
    return bytes;
}

bool isWritten(UChar32 c) { return u_isalnum(c) != 0 || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

bool hasNoSpaces(UChar32 c) {
    UErrorCode failed = U_ZERO_ERROR;
    switch (uscript_getScript(c, &failed)) {
        case USCRIPT_HAN:
        case USCRIPT_HIRAGANA:
        case USCRIPT_KATAKANA:
        case USCRIPT_HANGUL:
        case USCRIPT_BOPOMOFO:
        case USCRIPT_THAI:
        case USCRIPT_LAO:
        case USCRIPT_KHMER:
        case USCRIPT_MYANMAR:
            return true;
        default:
            return false;
    }
}

// Characters that stand together: a word, or a stretch of a script without spaces.
struct Run {
    bool spaceless = false;
    icu::UnicodeString text;
};

std::vector<Run> runsOf(const icu::UnicodeString& text) {
    std::vector<Run> runs;
    bool open = false;
    for (int at = 0; at < text.length();) {
        const UChar32 c = text.char32At(at);
        at += U16_LENGTH(c);
        if (!isWritten(c)) {
            open = false;
            continue;
        }
        // Marks belong to what is before them.
        const bool isMark = (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
        const bool spaceless = isMark && open ? runs.back().spaceless : hasNoSpaces(c);
        if (!open || runs.back().spaceless != spaceless) runs.push_back({spaceless, {}});
        runs.back().text.append(c);
        open = true;
    }
    return runs;
}

std::vector<std::string> pairsOf(const icu::UnicodeString& run) {
    std::vector<std::string> pairs;
    for (int at = 0;;) {
        const int next = run.moveIndex32(at, 1);
        const int end = run.moveIndex32(next, 1);
        if (end == next) break;
        pairs.push_back(toUtf8(run.tempSubStringBetween(at, end)));
        at = next;
    }
    return pairs;
}

std::string wordOf(const icu::UnicodeString& run) {
    return toUtf8(run.tempSubStringBetween(0, run.moveIndex32(0, kMaxTermLength)));
}

}  // namespace

std::vector<std::string> termsOf(std::string_view text) {
    std::set<std::string> terms;
    for (const auto& run : runsOf(normalized(text))) {
        if (!run.spaceless) {
            terms.insert(wordOf(run.text));
        } else {
            for (auto& pair : pairsOf(run.text)) terms.insert(std::move(pair));
        }
    }
    return {terms.begin(), terms.end()};
}

Expected<SearchQuery> SearchQuery::parse(std::string_view text) {
    std::set<std::string> terms;
    SearchQuery query;
    for (const auto& run : runsOf(normalized(text))) {
        if (!run.spaceless) {
            terms.insert(wordOf(run.text));
            continue;
        }
        for (auto& pair : pairsOf(run.text)) terms.insert(std::move(pair));
        // Two characters are one term and need no second look.
        if (run.text.countChar32() != 2) query.phrases.push_back(toUtf8(run.text));
    }
    if (terms.empty()) {
        return Error{Errc::malformed, "search.query: needs a word, or two characters together"};
    }
    query.terms.assign(terms.begin(), terms.end());
    return query;
}

bool SearchQuery::fits(std::string_view text) const {
    if (phrases.empty()) return true;
    const auto plain = toUtf8(normalized(text));
    return std::all_of(phrases.begin(), phrases.end(), [&](const std::string& phrase) {
        return plain.find(phrase) != std::string::npos;
    });
}

}  // namespace parlor::ledger
