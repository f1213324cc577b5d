#pragma once

#include <string_view>

namespace parlor::gateway {

// gateway/openapi.json, as it was when the program was built.
std::string_view openapiDocument();

}  // namespace parlor::gateway
