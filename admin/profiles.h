#pragma once

// The ledger's half of an agent: its directory says what the agent may do, whatever the account in
// the broker is called. Each call reads, and writes only what differs, so that one that was
// interrupted can be repeated. Fails as LedgerClient::call does.

#include <map>
#include <optional>
#include <string>

#include "admin/directory.h"
#include "admin/ledger_client.h"
#include "parlor/v1/directory.pb.h"

namespace parlor::admin {

// By the agents' ids.
using AgentProfiles = std::map<std::string, v1::AgentProfile>;
Expected<AgentProfiles> readProfiles(LedgerClient& ledger, bus::Deadline deadline);
// Of an agent, with or without a profile.
v1::Role roleIn(const AgentProfiles& profiles, const AgentId& agent);
bool isDisabledIn(const AgentProfiles& profiles, const AgentId& agent);

// What a profile should say; the rest of it stays.
struct WantedProfile {
    AgentId agent;
    std::string displayName = {};            // where the profile has no name yet; empty: none
    std::optional<v1::Role> staffRole = {};  // none: as it is
    bool disabled = false;
};
// True where the ledger's directory said something else. conflict where somebody else changed the
// profile meanwhile.
Expected<bool> saveProfile(LedgerClient& ledger, const WantedProfile& wanted,
                           bus::Deadline deadline);
// True where there was a profile.
Expected<bool> removeProfile(LedgerClient& ledger, const AgentId& agent, bus::Deadline deadline);

}  // namespace parlor::admin
