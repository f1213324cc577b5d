#pragma once

// What `parlor-admin` does with the broker's accounts, apart from how it is asked and shown. Every
// operation reads what the broker holds and changes only what differs, so that one that was
// interrupted can be repeated.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/directory.h"

namespace parlor::admin {

struct AgentEntry {
    AgentOfSite who;
    std::string displayName;
    std::string staffRole;
    bool enabled;
};

struct NewAgent {
    AgentOfSite who;
    std::string displayName;
    v1::Role staffRole = v1::ROLE_AGENT;
    std::string password;  // not used where the account exists
    // Gives an account that exists, because it serves another site, this site as well.
    bool existing = false;
};

// Sorted by site and name. Those of one site, or of all.
Expected<std::vector<AgentEntry>> listAgents(Dynsec& dynsec, const std::optional<SiteId>& site,
                                             bus::Deadline deadline);

// conflict where there is such an agent, or the account's name belongs to somebody else. True where
// an account was made, false where one that exists got this site.
Expected<bool> addAgent(Dynsec& dynsec, const NewAgent& agent, bus::Deadline deadline);

// Each of these is notFound where the site has no such agent. An account is one for all its sites:
// disabling it or changing its password concerns all of them. The broker disconnects the agent at
// once, and its colleagues and the ledger are told that it is offline. Enabling and disabling give
// the account's sites. Removing takes the site away, and with the last site the account: true in
// that case.
Expected<std::vector<SiteId>> setEnabled(Dynsec& dynsec, const AgentOfSite& who, bool enabled,
                                         bus::Deadline deadline);
Expected<void> resetPassword(Dynsec& dynsec, const AgentOfSite& who, const std::string& password,
                             bus::Deadline deadline);
Expected<bool> removeAgent(Dynsec& dynsec, const AgentOfSite& who, bus::Deadline deadline);

// A part of Parlor: its account's name, which is its role's name too, and its rights.
struct Service {
    std::string name;
    Rights rights;
};
// What a broker serves: everything, or one of the two zones of broker-config/zones.
enum class Zone { both, inside, outside };
Expected<Zone> parseZone(std::string_view text);
// The parts that have accounts there: gateways, ledgers, the health probe, and between zones the
// bridge.
std::vector<Service> servicesOf(Zone zone);
// notFound where the zone has no such part.
Expected<Service> serviceNamed(const std::string& name, Zone zone);

// Makes the roles of `services` and of every agent that there is hold exactly their rights, the
// services' accounts enabled and holding their own role alone, and the broker refuse what no right
// grants. The names of the services that have no account yet.
Expected<std::vector<std::string>> setUp(Dynsec& dynsec, const std::vector<Service>& services,
                                         bus::Deadline deadline);
// `service` needs its role. conflict where there is an account of the name.
Expected<void> addService(Dynsec& dynsec, const std::string& service, const std::string& password,
                          bus::Deadline deadline);
// notFound where there is no such account. The broker disconnects who uses it.
Expected<void> setServicePassword(Dynsec& dynsec, const std::string& service,
                                  const std::string& password, bus::Deadline deadline);

}  // namespace parlor::admin
