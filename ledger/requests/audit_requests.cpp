#include "ledger/requests/handlers.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kStandardPage = 50;
constexpr std::uint32_t kMaxPage = 200;

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

}  // namespace parlor::ledger
