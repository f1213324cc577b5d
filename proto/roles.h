#pragma once

// The roles of staff by the names that people read and type.

#include <string_view>

#include "parlor/v1/directory.pb.h"
#include "proto/errors.h"

namespace parlor {

// "agent", "supervisor" or "admin"; who has none said is an agent.
std::string_view nameOf(v1::Role role);
// Errors: malformed.
Expected<v1::Role> parseRole(std::string_view name);

}  // namespace parlor
