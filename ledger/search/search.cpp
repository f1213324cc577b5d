#include "ledger/search/search.h"

#include <algorithm>
#include <string>

#include "ledger/search/digest.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kPostingsAtOnce = 128;
constexpr int kMostFetches = 400;  // of one page

// One term's documents, newest first, fetched as they are needed.
class Postings {
 public:
    Postings(SearchIndex& index, const SiteId& site, std::string term)
        : index_(index), site_(site), term_(std::move(term)) {}

    // The newest one that is numbered less than `before`; 0: there is none.
    Expected<DocumentId> newestBefore(DocumentId before, int& fetches) {
        while (at_ < page_.size() && page_[at_] >= before) ++at_;
        if (at_ < page_.size()) return page_[at_];
        if (ended_) return DocumentId{0};
        ++fetches;
        auto page = index_.postings(site_, term_, before, kPostingsAtOnce);
        if (!page) return page.error();
        page_ = std::move(*page);
        at_ = 0;
        ended_ = page_.size() < kPostingsAtOnce;
        return page_.empty() ? DocumentId{0} : page_.front();
    }

 private:
    SearchIndex& index_;
    const SiteId site_;
    const std::string term_;
    std::vector<DocumentId> page_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

// What all terms have in common. Each step lets the list that is behind catch up with the others,
// so that a rare term spares reading the common ones.
class Intersection {
 public:
    Intersection(SearchIndex& index, const SiteId& site, const SearchQuery& query) {
        for (const auto& term : query.terms) lists_.emplace_back(index, site, term);
    }

    // The newest common document less than `before`; 0: none. After kMostFetches it gives up:
    // `reached` says up to where it has looked.
    Expected<DocumentId> newestBefore(DocumentId before, DocumentId& reached) {
        DocumentId candidate = 0;
        std::size_t agreeing = 0;
        for (std::size_t i = 0; agreeing < lists_.size(); i = (i + 1) % lists_.size()) {
            reached = before;
            if (fetches_ > kMostFetches) return DocumentId{0};
            const auto found = lists_[i].newestBefore(before, fetches_);
            if (!found) return found.error();
            if (*found == 0) {
                reached = 0;
                return DocumentId{0};
            }
            agreeing = *found == candidate ? agreeing + 1 : 1;
            candidate = *found;
            before = candidate + 1;
        }
        return candidate;
    }
    bool exhausted() const { return fetches_ > kMostFetches; }

 private:
    std::vector<Postings> lists_;
    int fetches_ = 0;
};

bool fits(const SearchQuery& query, const FoundEvent& found) {
    v1::Event event;
    return event.ParseFromString(found.bytes) && query.fits(searchableText(event));
}

}  // namespace

Expected<SearchPage> search(SearchIndex& index, const SiteId& site, const SearchQuery& query,
                            DocumentId from, DocumentId before, std::uint32_t limit) {
    SearchPage page;
    Intersection common(index, site, query);
    page.next = before;
    while (page.events.size() < limit && page.next != 0) {
        std::vector<DocumentId> documents;
        while (documents.size() < limit - page.events.size()) {
            DocumentId reached = 0;
            const auto document = common.newestBefore(page.next, reached);
            if (!document) return document.error();
            page.next = *document != 0 ? *document : reached;
            if (page.next <= from) page.next = 0;
            if (*document == 0 || *document < from) break;
            documents.push_back(*document);
        }
        auto found = index.events(documents);
        if (!found) return found.error();
        std::erase_if(*found, [&](const FoundEvent& each) { return !fits(query, each); });
        page.events.insert(page.events.end(), found->begin(), found->end());
        if (common.exhausted()) break;
    }
    std::sort(page.events.begin(), page.events.end(),
              [](const auto& a, const auto& b) { return a.document > b.document; });
    return page;
}

}  // namespace parlor::ledger
