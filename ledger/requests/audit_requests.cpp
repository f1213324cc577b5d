#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kStandardPage = 50;
constexpr std::uint32_t kMaxPage = 200;

std::string_view actionOf(v1::DeedRequest::Kind kind) {
    using Deed = v1::DeedRequest;
    switch (kind) {
        case Deed::KIND_ADD:
            return "account.add";
        case Deed::KIND_ENABLE:
            return "account.enable";
        case Deed::KIND_DISABLE:
            return "account.disable";
        case Deed::KIND_RESET_PASSWORD:
            return "account.reset_password";
        case Deed::KIND_REMOVE:
            return "account.remove";
        default:
            return {};
    }
}

}  // namespace

Expected<v1::Response> answerAudit(DirectoryStore& store, const Caller& caller,
                                   const v1::AuditRequest& request) {
    Ulid before;
    if (!request.before().empty()) {
        const auto id = Ulid::parse(request.before());
        if (!id) return Error{Errc::malformed, "audit.before: " + id.error().text};
        before = *id;
    }
    if (request.limit() > kMaxPage) return Error{Errc::malformed, "audit.limit: at most 200"};
    const auto entries =
        store.audit(caller.site, before, request.limit() == 0 ? kStandardPage : request.limit());
    if (!entries) return entries.error();
    v1::Response response;
    auto& audit = *response.mutable_audit();
    for (const auto& entry : *entries) {
        auto& record = *audit.add_records();
        record.set_id(entry.id.str());
        record.set_at_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                             entry.id.time().time_since_epoch())
                             .count());
        record.set_actor(entry.deed.actor);
        record.set_action(entry.deed.action);
        record.set_target(entry.deed.target);
    }
    return response;
}

Expected<v1::Response> answerDeed(DirectoryStore& store, const Caller& caller,
                                  const v1::DeedRequest& request) {
    const auto action = actionOf(request.kind());
    if (action.empty()) return Error{Errc::malformed, "deed.kind: no such kind"};
    if (request.account().empty()) return Error{Errc::malformed, "deed.account: none"};
    if (auto ok = validateText(request.account(), kMaxNameBytes, "deed.account"); !ok) {
        return ok.error();
    }
    const auto done =
        store.note({caller.site, caller.id.str(), std::string(action), request.account()});
    if (!done) return done.error();
    v1::Response response;
    response.mutable_deed();
    return response;
}

}  // namespace parlor::ledger
