#pragma once

#include "gateway/mailbox/mailbox.h"
#include "tests/gateway/support/core_test.h"

namespace parlor::gateway::test {

using Told = std::vector<std::string>;

class MailboxTest : public CoreTest {
 protected:
    // The next thing the gateway sent must be a question to history.
    bus::Message expectHistory(std::uint64_t after) {
        v1::Request request;
        const bus::Message message = ledger.expectRequest(&request);
        EXPECT_EQ(request.history().conversation(), conversation.str());
        EXPECT_EQ(request.history().stream(), v1::STREAM_SHARED);
        EXPECT_EQ(request.history().after_seq(), after);
        EXPECT_EQ(message.correlationData.size(), 16U);
        return message;
    }
    void history(std::uint64_t after, std::uint64_t head, std::uint64_t last,
                 std::uint32_t epoch = 1) {
        const bus::Message message = expectHistory(after);
        ledger.replyHistory(message, epoch, head, events(after + 1, last, epoch));
        settle();
    }
    std::uint64_t dropped(Drop reason) { return stats.dropped(reason).value(); }
};

}  // namespace parlor::gateway::test
