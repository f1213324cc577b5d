#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ledger/store/directory.h"
#include "parlor/v1/directory.pb.h"
#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor::ledger {

template <class Profile>
struct Versioned {
    Profile profile;
    std::uint64_t version = 0;
};

// What administrators said of one site.
struct Profiles {
    std::map<std::string, Versioned<v1::DepartmentProfile>> departments;  // by id
    std::map<std::string, Versioned<v1::AgentProfile>> agents;
    std::map<std::string, Versioned<v1::CannedReply>> replies;

    // What the caller may ask for. Whoever has no profile is an agent.
    v1::Role roleOf(const std::string& agent) const;
    bool isDisabled(const std::string& agent) const;
};

inline constexpr std::size_t kMaxDepartments = 200;  // of a site
inline constexpr std::size_t kMaxAgents = 5000;
inline constexpr std::size_t kMaxReplies = 2000;
inline constexpr int kMaxSkills = 64;
inline constexpr int kMaxOpeningTimes = 64;
inline constexpr std::uint32_t kMaxCapacity = 1000;

// Check ids, limits and enumerations; the text names the field.
Expected<void> validate(const v1::DepartmentProfile& profile);
Expected<void> validate(const v1::AgentProfile& profile);
Expected<void> validate(const v1::CannedReply& reply);

}  // namespace parlor::ledger
