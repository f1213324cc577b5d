#include "ledger/metrics/draft_log.h"

#include "proto/trace.h"

namespace parlor::ledger {
namespace {

std::string line(std::string_view reason, const DraftIds& ids, std::uint64_t leftOut) {
    std::string text = "not recorded reason=" + std::string(reason);
    if (ids.conversation) text += " conversation=" + ids.conversation->str();
    if (!ids.drafts.empty()) text += " draft=" + ids.drafts;
    return text + " left_out=" + std::to_string(leftOut) + traceMember(ids.traceparent);
}

}  // namespace

void DraftLog::refused(Errc why, const DraftIds& ids) {
    metrics_.refused(why);
    const auto leftOut = refused_.next(static_cast<std::size_t>(why));
    if (!leftOut) return;
    poco_information(log_, line(nameOf(why), ids, *leftOut));
}

void DraftLog::dropped(Drop why, const DraftIds& ids) {
    metrics_.dropped(why);
    const auto leftOut = dropped_.next(static_cast<std::size_t>(why));
    if (!leftOut) return;
    poco_warning(log_, line(nameOf(why), ids, *leftOut));
}

}  // namespace parlor::ledger
