#include "admin/profiles.h"

namespace parlor::admin {
namespace {

// Who has none said is an agent.
v1::Role roleOf(const v1::AgentProfile& profile) {
    return profile.role() == v1::ROLE_UNSPECIFIED ? v1::ROLE_AGENT : profile.role();
}

// `agent`: of that one alone; empty: of all.
Expected<v1::DirectoryResponse> list(LedgerClient& ledger, const std::string& agent,
                                     bus::Deadline deadline) {
    v1::Request request;
    request.mutable_directory()->mutable_list()->set_agent(agent);
    auto answer = ledger.call(topics::Method::directory, request, deadline);
    if (!answer) return answer.error();
    return std::move(*answer->mutable_directory());
}

// What the ledger has of the agent; whoever is not there is an agent like any other.
v1::DirectoryResponse::Agent entryOf(const v1::DirectoryResponse& directory, const AgentId& agent) {
    for (const auto& entry : directory.agents()) {
        if (entry.profile().id() == agent.str()) return entry;
    }
    v1::DirectoryResponse::Agent none;
    none.mutable_profile()->set_id(agent.str());
    return none;
}

}  // namespace

Expected<AgentProfiles> readProfiles(LedgerClient& ledger, bus::Deadline deadline) {
    const auto directory = list(ledger, "", deadline);
    if (!directory) return directory.error();
    AgentProfiles profiles;
    for (const auto& entry : directory->agents()) {
        profiles.emplace(entry.profile().id(), entry.profile());
    }
    return profiles;
}

v1::Role roleIn(const AgentProfiles& profiles, const AgentId& agent) {
    const auto found = profiles.find(agent.str());
    return found == profiles.end() ? v1::ROLE_AGENT : roleOf(found->second);
}

bool isDisabledIn(const AgentProfiles& profiles, const AgentId& agent) {
    const auto found = profiles.find(agent.str());
    return found != profiles.end() && found->second.disabled();
}

Expected<bool> saveProfile(LedgerClient& ledger, const WantedProfile& wanted,
                           bus::Deadline deadline) {
    const auto directory = list(ledger, wanted.agent.str(), deadline);
    if (!directory) return directory.error();
    const auto entry = entryOf(*directory, wanted.agent);
    auto profile = entry.profile();
    const bool sameRole = !wanted.staffRole || roleOf(profile) == *wanted.staffRole;
    if (sameRole && profile.disabled() == wanted.disabled) return false;
    if (profile.name().empty()) profile.set_name(wanted.displayName);
    if (wanted.staffRole) profile.set_role(*wanted.staffRole);
    profile.set_disabled(wanted.disabled);
    v1::Request request;
    auto& save = *request.mutable_directory()->mutable_save_agent();
    *save.mutable_profile() = std::move(profile);
    save.set_if_version(entry.version());
    const auto saved = ledger.call(topics::Method::directory, request, deadline);
    if (!saved) return saved.error();
    return true;
}

Expected<bool> removeProfile(LedgerClient& ledger, const AgentId& agent, bus::Deadline deadline) {
    v1::Request request;
    request.mutable_directory()->set_remove_agent(agent.str());
    const auto removed = ledger.call(topics::Method::directory, request, deadline);
    if (removed) return true;
    if (removed.error().code == Errc::notFound) return false;
    return removed.error();
}

}  // namespace parlor::admin
