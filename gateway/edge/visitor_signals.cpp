#include "gateway/edge/visitor_signals.h"

#include "gateway/session/trace.h"

namespace parlor::gateway {

std::optional<std::chrono::seconds> sayForVisitor(Services& services, const Grant& grant,
                                                  std::string_view address, VisitorSignal signal,
                                                  std::string_view traceparent) {
    if (const auto wait = overRate(services, services.typing, grant.conversation, address)) {
        return wait;
    }
    if (auto* live = std::get_if<v1::Live>(&signal)) {
        services.signals.send(grant.site, grant.conversation, std::move(*live),
                              traceparent.empty() ? std::string() : traceparentFor(traceparent));
    } else {
        services.hub.say(grant.site, grant.conversation, std::get<v1::Presence>(signal));
    }
    return {};
}

Response postSignal(Services& services, Exchange& exchange) {
    auto grant = authoriseConversation(services, exchange);
    if (!grant) return std::move(grant.refusal);
    if (auto refused = refuseContentType(exchange)) return std::move(*refused);
    auto signal = parseSignal(exchange.request.body());
    if (!signal) return problem(signal.error());
    if (!services.bus.connected()) {
        return problem(Error{Errc::unavailable, "no connection to the broker"});
    }
    if (const auto wait = sayForVisitor(services, *grant.value, exchange.client, std::move(*signal),
                                        exchange.header(kTraceparent))) {
        return tooManyRequests(*wait);
    }
    Response response;
    response.status = 204;
    return response;
}

}  // namespace parlor::gateway
