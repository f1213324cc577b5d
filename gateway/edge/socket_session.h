#pragma once

// One visitor's WebSocket: events, receipts and live signals out, drafts and typing in.
//
// Events are pulled: the next page is taken once the one before is written, so a slow client holds
// back nothing but itself. Receipts and signals are pushed, and bounded.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <string>

#include "gateway/edge/bodies.h"
#include "gateway/edge/close_codes.h"
#include "gateway/edge/exchange.h"

namespace parlor::gateway {

// Shard's thread only. Lives until its connection has ended.
class SocketSession : public Connection,
                      public Reader,
                      public LiveListener,
                      public std::enable_shared_from_this<SocketSession> {
 public:
    // Checks the handshake `exchange`. True: `socket` has been taken, the session runs. False:
    // `refusal` is the answer. A bad token is accepted and closed with 4001, because a browser's
    // script cannot see a refused handshake's status.
    static bool accept(Socket& socket, Exchange& exchange, Services& services, Response& refusal);
    SocketSession(Socket socket, Services& services, Cursor cursor);
    ~SocketSession() override;

    void drain() override;
    void abort() override;
    void onBusAway() override;

    void onPage(const PageRef& page) override;
    void onGap() override;
    void onError(const Error& error) override;
    void onLive(const std::string& members) override;

 private:
    struct Frame {
        std::string text;
        PageRef page;  // text is not used then
        bool live = false;
    };

    void run(Exchange exchange, std::optional<Grant> grant);
    Awaitable<void> serve(Exchange exchange, std::optional<Grant> grant);
    void begin(const Grant& grant);
    void onFrame(std::string_view text);
    void submit(v1::Draft draft);
    void sendReceipt(const std::string& requestId, const PostBroker::Outcome& outcome);
    void publishTyping(const v1::Typing& typing);

    void nextPage();
    void push(Frame frame);
    void pump();
    void onWritten(ErrorCode failed);
    void close(CloseCode code, std::string_view reason);
    void sendClose();
    void onTimer();

    Services& services_;
    beast::websocket::stream<Socket> socket_;
    std::optional<Grant> grant_;
    Attachment mailbox_;
    std::deque<Frame> queue_;
    std::size_t queuedBytes_ = 0;
    std::size_t liveFrames_ = 0;
    std::string outgoing_;  // what is being written
    bool writing_ = false;
    bool open_ = false;
    bool gapTold_ = false;
    bool closeSent_ = false;
    bool pinging_ = false;
    std::optional<beast::websocket::close_reason> closing_;
    std::int64_t waitingSinceMs_ = 0;
    Time heardAt_;
    Time writingSince_;
    Timer timer_;
    std::shared_ptr<SocketSession> self_;  // until the connection has ended
};

}  // namespace parlor::gateway
