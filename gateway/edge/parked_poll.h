#pragma once

// A poll that waits for its events: all that is left of its request.

#include "gateway/edge/reader_query.h"
#include "gateway/edge/response.h"
#include "gateway/mailbox/mailbox.h"
#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

class HttpConnection;
struct Services;

// When a short poll should come back: the longer nothing has happened, the later.
std::chrono::milliseconds pollAfter(const Services& services, const Mailbox& mailbox);

// Shard's thread only. Owned by its connection, which it answers exactly once.
class ParkedPoll : public Reader {
 public:
    // `wait`: how long, for a long poll; nothing for a short one, which waits only for its mailbox.
    ParkedPoll(HttpConnection& connection, Services& services, Attachment mailbox,
               const ReaderQuery& query, AnswerContext context,
               std::optional<std::chrono::seconds> wait);
    ~ParkedPoll() override;

    // The events that are there already, if any.
    std::optional<Response> answerNow();
    void park();
    // The gateway goes away: 204, and the connection ends.
    void drain();
    // The client has closed the connection.
    void peerLeft() { mailbox_.release(true); }

    const AnswerContext& context() const { return context_; }
    const ConversationId& conversation() const { return mailbox_->conversation(); }

    void onPage(const PageRef& page) override;
    void onGap() override;
    void onError(const Error& error) override;

 private:
    Transport transport() const { return longPoll_ ? Transport::longPoll : Transport::shortPoll; }
    class LiveWait;

    // "poll_after_ms" of a short poll, "live" where there are signals, each with a comma in front.
    std::string extras() const;
    Response pageResponse(const PageRef& page) const;
    // The answer that tells of a hole.
    Response gapResponse() const;
    Response nothing() const;
    Response nothingButLive() const;
    // There is a signal that it asked for.
    bool liveIsDue() const;
    void onLive();
    void onTimer();

    HttpConnection& connection_;
    Services& services_;
    Attachment mailbox_;
    AnswerContext context_;
    const bool longPoll_;
    bool parked_ = false;
    Timer timer_;
    std::chrono::seconds wait_;
    std::int64_t parkedAtMs_ = 0;
    std::optional<std::int64_t> liveAfter_;
    std::unique_ptr<LiveWait> liveWait_;  // only where it asked for signals
};

}  // namespace parlor::gateway
