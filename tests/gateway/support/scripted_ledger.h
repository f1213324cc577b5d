#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bus/memory_bus.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::gateway::test {

// An event of the shared stream, as the ledger would publish it.
v1::Event makeEvent(const ConversationId& conversation, std::uint64_t seq, std::uint32_t epoch = 1,
                    const std::string& text = "");

// The ledger's side of a conversation with the gateway, said line by line: what the gateway sent is
// taken in order, what the ledger answers is up to the test.
class ScriptedLedger {
 public:
    explicit ScriptedLedger(bus::MemoryBroker& broker);
    ~ScriptedLedger();

    // The oldest message not taken yet; nothing where there is none (after broker.drain()).
    std::optional<bus::Message> take();
    // The next message must be of that kind; adds a failure and gives an empty one otherwise.
    bus::Message expectPost(v1::Post* post);
    bus::Message expectRequest(v1::Request* request);
    // What the gateway said on in/presence and in/live, which stand apart from the rest.
    std::vector<bus::Message> takePresence();
    std::vector<bus::Message> takeLive();

    void reply(const bus::Message& to, const v1::Response& response);
    void replyHistory(const bus::Message& to, std::uint32_t epoch, std::uint64_t head,
                      const std::vector<v1::Event>& events);
    void replyFailure(const bus::Message& to, Errc code);
    // On out/log, retained.
    void publish(const SiteId& site, const v1::Event& event);
    void publishRaw(bus::Message message);

 private:
    bus::MemoryBroker& broker_;
    const std::unique_ptr<bus::Bus> bus_;
    std::mutex mutex_;
    std::deque<bus::Message> inbox_;      // guarded by mutex_
    std::vector<bus::Message> presence_;  // guarded by mutex_
    std::vector<bus::Message> live_;      // guarded by mutex_
};

}  // namespace parlor::gateway::test
