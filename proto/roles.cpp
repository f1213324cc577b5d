#include "proto/roles.h"

namespace parlor {

std::string_view nameOf(v1::Role role) {
    switch (role) {
        case v1::ROLE_SUPERVISOR:
            return "supervisor";
        case v1::ROLE_ADMIN:
            return "admin";
        default:
            return "agent";
    }
}

Expected<v1::Role> parseRole(std::string_view name) {
    for (const auto role : {v1::ROLE_AGENT, v1::ROLE_SUPERVISOR, v1::ROLE_ADMIN}) {
        if (nameOf(role) == name) return role;
    }
    return Error{Errc::malformed, "role: must be agent, supervisor or admin"};
}

}  // namespace parlor
