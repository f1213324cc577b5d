#pragma once

#include <cstdint>
#include <string>

#include "proto/ids.h"

namespace parlor::agent {

// Who this program speaks as. Constant from sign-in to sign-out.
struct Identity {
    SiteId site;
    AgentId agent;
    std::string name;                 // to be shown to visitors and colleagues
    ClientId client = newClientId();  // this running program; replies come to it
    std::uint32_t capacity = 5;       // conversations the ledger may hand out at a time

    // A fresh one, unique in the broker.
    static ClientId newClientId();
};

}  // namespace parlor::agent
