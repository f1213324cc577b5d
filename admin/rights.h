#pragma once

// Who may write, read and subscribe to what: the one source of the broker's access rules, made from
// the topics of proto/topics.h. broker-config/single/acl says the same for Mosquitto's file-based
// access control; a test compares the two.
//
// The rules behind it: the visitors' zone writes what visitors say and reads what visitors may see;
// an agent writes only where its own name stands in the topic; only the ledger writes the record.

#include <compare>
#include <string>
#include <vector>

#include "proto/ids.h"

namespace parlor::admin {

struct Right {
    enum class Kind {
        write,      // publish, wills and retained messages included
        read,       // be delivered a message, whatever the subscription
        subscribe,  // any filter that this one covers; "$share/{group}/" only where it stands here
    };
    Kind kind;
    std::string filter;  // MQTT 5, section 4.7
    auto operator<=>(const Right&) const = default;
};

using Rights = std::vector<Right>;  // sorted, none twice

// The accounts of Parlor's own parts.
inline constexpr const char* kGatewayAccount = "gateway";
inline constexpr const char* kLedgerAccount = "ledger";
inline constexpr const char* kHealthAccount = "health";
inline constexpr const char* kBridgeAccount = "bridge";
inline constexpr const char* kAdminAccount = "parlor-admin";

// Where Mosquitto's dynamic-security plugin takes commands, and answers whoever sent them.
inline constexpr const char* kControlTopic = "$CONTROL/dynamic-security/v1";
inline constexpr const char* kControlResponses = "$CONTROL/dynamic-security/v1/response";

Rights gatewayRights();
Rights ledgerRights();
// The probe of `parlor status`: may write one topic that nobody reads.
Rights healthRights();
// The bridge of the visitors' zone (broker-config/zones), as an account of the inner broker: it
// brings in what gateways write and takes out what they read.
Rights bridgeInsideRights();
// The same bridge as an account of the outer broker: the other way round.
Rights bridgeOutsideRights();
Rights agentRights(const SiteId& site, const AgentId& agent);
// Manages accounts and rights, and says that an agent is offline; reads none of Parlor's topics.
Rights adminRights();

}  // namespace parlor::admin
