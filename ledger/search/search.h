#pragma once

#include <cstdint>
#include <vector>

#include "ledger/search/terms.h"
#include "ledger/store/search_index.h"

namespace parlor::ledger {

struct SearchPage {
    std::vector<FoundEvent> events;  // newest first
    DocumentId next = 0;             // where the next page begins; 0: there is none
};

// Documents numbered less than `before` that fit the query, newest first. Looks at a bounded number
// of postings: a page may have fewer than `limit`, even none, and yet a next one. Fails as the
// index does.
Expected<SearchPage> search(SearchIndex& index, const SiteId& site, const SearchQuery& query,
                            DocumentId from, DocumentId before, std::uint32_t limit);

}  // namespace parlor::ledger
