#pragma once

// One visitor's WebSocket: events, receipts and live signals out, drafts and signals in.

#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <string>

#include "gateway/edge/access_log.h"
#include "gateway/edge/close_codes.h"
#include "gateway/edge/eager_socket.h"
#include "gateway/edge/event_feed.h"
#include "gateway/edge/exchange.h"
#include "gateway/edge/socket_codec.h"

namespace parlor::gateway {

// Shard's thread only. Lives until its connection has ended.
class SocketSession : public Connection,
                      public EventFeed,
                      public std::enable_shared_from_this<SocketSession> {
 public:
    // Checks the handshake `exchange`. True: `socket` and `slot` have been taken, the session runs.
    // False: `refusal` is the answer. A bad token is accepted and closed with 4001, because a
    // browser's script cannot see a refused handshake's status.
    static bool accept(Socket& socket, ConnectionSlot& slot, Exchange& exchange, Services& services,
                       Response& refusal);
    SocketSession(Socket socket, ConnectionSlot slot, Services& services, ReaderQuery query,
                  std::unique_ptr<SocketCodec> codec);

    void drain() override;
    void abort() override;
    void onBusAway() override;

    void onError(const Error& error) override;

 private:
    void run(Exchange exchange, std::optional<Grant> grant);
    Awaitable<void> serve(Exchange exchange, std::optional<Grant> grant);
    void onFrame(std::string_view bytes);
    void submit(v1::Draft draft);
    // Answers a post, and logs it.
    void settle(const SocketPost& post, const PostBroker::Outcome& outcome);
    SocketPost postOf(std::string draft) const;

    bool write(std::string text) override;
    std::string formatPage(const Page& page) const override { return codec_->page(page); }
    std::string formatGap() const override { return codec_->gap(cursor()); }
    std::string formatLive(const LiveSignal& signal) const override { return codec_->live(signal); }
    void onOverflow() override { endSlow(Closing::queueFull); }
    void onReplaced() override { close(CloseCode::replaced, "another connection has taken over"); }

    void close(CloseCode code, std::string_view reason);
    // The client learns of it only where it reads on within limits::kFarewell.
    void endSlow(Closing reason);
    void sendClose();
    void onTimer();
    void armTimer();

    const std::unique_ptr<SocketCodec> codec_;
    ConnectionSlot slot_;
    beast::websocket::stream<EagerSocket> socket_;
    std::optional<Grant> grant_;
    std::uint64_t requestId_ = 0;  // the handshake's
    std::string traceparent_;      // the handshake's; empty: none
    std::string address_;          // the Exchange's client
    bool closeSent_ = false;
    bool pinging_ = false;
    std::optional<beast::websocket::close_reason> closing_;
    Time heardAt_;
    Timer timer_;
    std::shared_ptr<SocketSession> self_;  // until the connection has ended
};

}  // namespace parlor::gateway
