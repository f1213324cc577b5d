#include "agent-desktop/core/identity.h"

#include <algorithm>

namespace parlor::agent {

ClientId Identity::newClientId() {
    std::string text = Ulid::generate().str();
    // Client ids are lower case, as every name in a topic is; a ULID reads the same in either.
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return *ClientId::parse(text);
}

}  // namespace parlor::agent
