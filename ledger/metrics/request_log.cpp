#include "ledger/metrics/request_log.h"

#include <string>

#include "proto/trace.h"

namespace parlor::ledger {

void RequestLog::dropped(Drop why, const topics::Rpc& topic,
                         const std::optional<ConversationId>& conversation,
                         std::string_view traceparent) {
    metrics_.dropped(why);
    const auto leftOut = pace_.next(static_cast<std::size_t>(why));
    if (!leftOut) return;
    std::string text = "not answered reason=" + std::string(nameOf(why)) +
                       " method=" + std::string(topics::name(topic.method)) +
                       " site=" + topic.site.str() + " caller=" + topic.caller.str();
    if (conversation) text += " conversation=" + conversation->str();
    poco_warning(log_, text + " left_out=" + std::to_string(*leftOut) + traceMember(traceparent));
}

}  // namespace parlor::ledger
