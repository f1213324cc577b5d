#pragma once

// One long HTTP answer that goes on until somebody ends it: server-sent events, forever iframe.

#include <memory>
#include <optional>

#include "gateway/edge/eager_socket.h"
#include "gateway/edge/event_feed.h"
#include "gateway/edge/stream_format.h"

namespace parlor::gateway {

// What a request for a stream asks for.
struct StreamOpening {
    Grant grant;
    ReaderQuery query;
    std::unique_ptr<StreamFormat> format;
};
// GET …/stream and …/frame: 400, 401, 403, 404 like a poll; 503 while the gateway goes away or has
// no broker.
Checked<StreamOpening> checkStream(Services& services, Exchange& exchange);

// Shard's thread only. Lives until its socket is closed.
class StreamSession : public Connection,
                      public EventFeed,
                      public std::enable_shared_from_this<StreamSession> {
 public:
    // Takes the socket and answers `exchange`.
    static void start(Socket socket, ConnectionSlot slot, Exchange& exchange, Services& services,
                      StreamOpening opening);
    StreamSession(Socket socket, ConnectionSlot slot, Services& services, StreamOpening opening);

    void drain() override { finish(Farewell::goingAway); }
    void abort() override { close(false); }
    void onBusAway() override { finish(Farewell::noBroker); }
    void onError(const Error&) override { finish(Farewell::gone); }

 private:
    void begin(Exchange& exchange);
    bool write(std::string text) override;
    std::string formatPage(const Page& page) const override { return format_->page(page); }
    std::string formatGap() const override { return format_->gap(cursor()); }
    std::string formatLive(const LiveSignal& signal) const override {
        return format_->live(signal.members);
    }
    void onReplaced() override { finish(Farewell::replaced); }
    void onOverflow() override { endSlow(Closing::queueFull); }

    void watch();
    void onTimer();
    void armTimer();
    // A client that is behind learns of it only where it reads on within limits::kFarewell.
    void finish(Farewell why);
    void endSlow(Closing reason);
    void end(Farewell why);
    void close(bool peerLeft);

    const Grant grant_;
    const std::unique_ptr<StreamFormat> format_;
    ConnectionSlot slot_;
    EagerSocket socket_;
    std::size_t sent_ = 0;
    std::optional<Farewell> farewell_;     // to be said when what is being written is out
    std::shared_ptr<StreamSession> self_;  // until close()
    Timer timer_;
};

}  // namespace parlor::gateway
