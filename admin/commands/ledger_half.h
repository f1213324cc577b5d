#pragma once

// A change of the broker's accounts, carried on to the ledger: to its directory and its audit.

#include <functional>
#include <vector>

#include "admin/commands/context.h"

namespace parlor::admin {

using DeedKind = v1::DeedRequest::Kind;

struct LedgerHalf {
    std::vector<SiteId> sites;
    DeedKind deed;
    std::string account;
    // In one site's directory; true where it said something else.
    std::function<Expected<bool>(LedgerClient&)> change;
    // The broker's half was done before: without a change there is nothing to write down.
    bool again = false;
};

// After the broker's half is done. Ends with the first site whose directory cannot be changed; the
// error says that this half is missing and that repeating the command makes up for it. What cannot
// be written to the audit is said on the standard error output. True where a directory was changed.
Expected<bool> carryOn(const Context& context, const LedgerHalf& half);

// Writes to the audit what concerns no directory, or says that it could not.
void writeDown(const Context& context, const SiteId& site, DeedKind deed,
               const std::string& account);

}  // namespace parlor::admin
