#include <charconv>
#include <limits>

#include "ledger/requests/handlers.h"
#include "ledger/search/search.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kStandardPage = 20;
constexpr std::uint32_t kMaxPage = 50;
constexpr std::size_t kMaxQueryBytes = 200;
// Database's numbers are signed.
constexpr auto kLast = static_cast<DocumentId>(std::numeric_limits<std::int64_t>::max());
constexpr std::int64_t kLastMs = static_cast<std::int64_t>(kLast >> kDocumentHashBits);

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

Expected<DocumentId> beginOf(const v1::SearchRequest& request) {
    DocumentId before = kLast;
    if (request.until_ms() != 0) before = firstDocumentAt(request.until_ms());
    if (request.before().empty()) return before;
    const auto& text = request.before();
    DocumentId next = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), next);
    if (error != std::errc() || end != text.data() + text.size() || next > kLast) {
        return malformed("search.before: not what a page before gave");
    }
    return std::min(before, next);
}

}  // namespace

Expected<v1::Response> answerSearch(SearchIndex& index, const Caller& caller,
                                    const v1::SearchRequest& request) {
    if (auto ok = validateText(request.query(), kMaxQueryBytes, "search.query"); !ok) {
        return ok.error();
    }
    const auto query = SearchQuery::parse(request.query());
    if (!query) return query.error();
    if (request.limit() > kMaxPage) return malformed("search.limit: at most 50");
    for (const auto ms : {request.from_ms(), request.until_ms()}) {
        if (ms < 0 || ms > kLastMs) return malformed("search: no such time");
    }
    const auto before = beginOf(request);
    if (!before) return before.error();
    const auto page = search(index, caller.site, *query, firstDocumentAt(request.from_ms()),
                             *before, request.limit() == 0 ? kStandardPage : request.limit());
    if (!page) return page.error();
    v1::Response response;
    auto& found = *response.mutable_search();
    for (const auto& event : page->events) {
        if (!found.add_events()->ParseFromString(event.bytes)) {
            return Error{Errc::internal, "an event in the database does not parse"};
        }
    }
    if (page->next != 0) found.set_next(std::to_string(page->next));
    return response;
}

}  // namespace parlor::ledger
