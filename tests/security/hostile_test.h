#pragma once

#include <gmock/gmock.h>

#include "tests/security/secured_broker.h"
#include "tests/security/traffic.h"

namespace parlor::test {

// A broker of one's own for each test, with accounts kept either way.
class HostileTest : public testing::TestWithParam<Accounts> {
 protected:
    bool dynsec() const { return GetParam() == Accounts::dynsec; }

    // What the ledger would be given, right now and until then.
    RawClient listeningLedger() {
        auto ledger = broker_.client("ledger");
        for (const auto* filter :
             {"$share/ledger/parlor/+/c/+/in/visitor", "$share/ledger/parlor/+/c/+/in/agent/+",
              "$share/ledger/parlor/+/rpc/+/+", "parlor/+/a/+/status", "parlor/+/q/+/+",
              "parlor/+/a/+/c/+", "parlor/+/d/+"}) {
            EXPECT_EQ(ledger.subscribe(filter), reason::kGrantedQos1) << filter;
        }
        ledger.received();  // retained state
        return ledger;
    }

    SecuredBroker broker_{GetParam()};
};

inline std::string accountsName(const testing::TestParamInfo<Accounts>& info) {
    return testing::PrintToString(info.param);
}

}  // namespace parlor::test

#define PARLOR_BOTH_ACCOUNTS(Suite)                                                           \
    INSTANTIATE_TEST_SUITE_P(Both, Suite, testing::Values(Accounts::dynsec, Accounts::files), \
                             accountsName)
