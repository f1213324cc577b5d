#pragma once

// Brings each reply of the ledger to whoever asked, by its correlation data.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/bus.h"
#include "gateway/mailbox/stats.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::gateway {

// Shard's thread only.
class ReplyRouter {
 public:
    using Handler = std::function<void(const v1::Response&)>;
    enum class Ticket : std::uint64_t { none = 0 };

    // Replies are asked for at parlor/{site}/reply/gateway/{self}.
    ReplyRouter(ClientId self, Stats& stats);

    // Expects replies until forget(). The handler may be called more than once (a question that was
    // repeated is answered more than once), and may forget its ticket.
    Ticket expect(Handler handler);
    void forget(Ticket ticket);
    // Sets a message's response topic and correlation data.
    void address(bus::Message& message, const SiteId& site, Ticket ticket) const;

    // A message that came on this client's reply topic: an answer, or several (v1::Answers). What
    // nobody expects, or does not parse, is dropped and counted.
    void onReply(const bus::Message& message);

    const ClientId& self() const { return self_; }

 private:
    void answer(std::string_view correlation, const v1::Response& response);

    const ClientId self_;
    const std::string nonce_;  // replies to an earlier process of the same name find nobody
    Stats& stats_;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, Handler> handlers_;
};

}  // namespace parlor::gateway
