#include "gateway/edge/ask_ledger.h"

#include "gateway/edge/limits.h"
#include "gateway/edge/once.h"

namespace parlor::gateway {

Awaitable<Expected<v1::Response>> askLedger(Services& services, const SiteId& site,
                                            const v1::Request& request, Duration deadline,
                                            std::string traceparent) {
    auto answer = Once<Expected<v1::Response>>::make(services.io);
    services.rpc.call(
        site, request, [answer](Expected<v1::Response> got) { answer->set(std::move(got)); },
        deadline, std::move(traceparent));
    // A little longer than the call's own deadline, which answers for certain.
    auto got = co_await answer->wait(deadline + std::chrono::seconds(5));
    if (!got) co_return Error{Errc::deadline, "the ledger did not answer in time"};
    co_return std::move(*got);
}

Awaitable<Expected<v1::StatusResponse>> askStatus(Services& services, const Grant& grant,
                                                  const RequestId& request, std::uint32_t part) {
    v1::Request question;
    auto& status = *question.mutable_status();
    status.set_conversation(grant.conversation.str());
    status.set_request_id(request.str());
    status.set_part(part);
    auto answer = co_await askLedger(services, grant.site, question, limits::kStatusDeadline);
    if (!answer) co_return answer.error();
    co_return std::move(*answer->mutable_status());
}

}  // namespace parlor::gateway
