#include "admin/commands/ledger_half.h"

namespace parlor::admin {
namespace {

void warnOfAudit(const Context& context, const SiteId& site, const Error& why) {
    context.warn("not written to the audit of site " + site.str() + ": " + why.text);
}

void record(const Context& context, LedgerClient& ledger, const SiteId& site, DeedKind deed,
            const std::string& account) {
    v1::Request request;
    auto& entry = *request.mutable_deed();
    entry.set_kind(deed);
    entry.set_account(account);
    const auto done = ledger.call(topics::Method::deed, request, context.deadline());
    if (!done) warnOfAudit(context, site, done.error());
}

Expected<bool> carryOnAt(const Context& context, const SiteId& site, const LedgerHalf& half) {
    const auto ledger = context.connectLedger(site);
    if (!ledger) return ledger.error();
    auto changed = half.change(**ledger);
    if (!changed) return changed;
    if (*changed || !half.again) record(context, **ledger, site, half.deed, half.account);
    return changed;
}

}  // namespace

Expected<bool> carryOn(const Context& context, const LedgerHalf& half) {
    bool any = false;
    for (const auto& site : half.sites) {
        const auto changed = carryOnAt(context, site, half);
        if (!changed) {
            return Error{changed.error().code,
                         "the account is as it should be, but the ledger's directory and audit of "
                         "site " +
                             site.str() + " are not yet: " + changed.error().text +
                             "; repeat the command"};
        }
        any = any || *changed;
    }
    return any;
}

void writeDown(const Context& context, const SiteId& site, DeedKind deed,
               const std::string& account) {
    const auto ledger = context.connectLedger(site);
    if (!ledger) {
        warnOfAudit(context, site, ledger.error());
        return;
    }
    record(context, **ledger, site, deed, account);
}

}  // namespace parlor::admin
