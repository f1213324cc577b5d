#pragma once

// Who may ask for what: the one place.

#include <string>
#include <string_view>

#include "ledger/directory/profiles.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/ids.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Who asks.
struct Caller {
    SiteId site;
    CallerId id;  // an agent's, kAdminCaller, or kGatewayCaller, which has no role
    v1::Role role = v1::ROLE_AGENT;

    bool isGateway() const { return id.str() == kGatewayCaller; }
};

// "directory.save_agent"; empty where the request has no action, or is answered elsewhere.
std::string_view actionOf(const v1::Request& request);

// The caller, where it may ask for `request` by `method`; else malformed (another method's body) or
// forbidden. The command line tool is an administrator of every site. Gateways may ask, for the
// visitor, for transcripts of what visitors may see.
// What depends on more than the request (whose canned reply it is) is asked for by `mayDo`.
Expected<Caller> authorize(const topics::Rpc& topic, const v1::Request& request,
                           const Profiles& profiles);
Expected<void> mayDo(const Caller& caller, std::string_view action);

}  // namespace parlor::ledger
