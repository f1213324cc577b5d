#pragma once

// What a site is to the broker and to the ledger: agents with rights there, and a directory. There
// is no list of sites to be one of; gateways have the sites that they serve in their configuration.

#include <string>
#include <vector>

#include "admin/dynsec.h"
#include "admin/ledger_client.h"

namespace parlor::admin {

struct SiteEntry {
    SiteId site;
    std::size_t agents = 0;
};
// Those that agents have rights at, by name. Fails as readDirectory() does.
Expected<std::vector<SiteEntry>> listSites(Dynsec& dynsec, bus::Deadline deadline);

// Makes the site's first department. conflict where it has one; else fails as LedgerClient::call.
Expected<void> beginSite(LedgerClient& ledger, const DepartmentId& department,
                         bus::Deadline deadline);
// Takes everything out of the site's directory; what was recorded stays. conflict where
// conversations are open; else fails as LedgerClient::call. One that was interrupted can be
// repeated.
Expected<void> endSite(LedgerClient& ledger, bus::Deadline deadline);

}  // namespace parlor::admin
