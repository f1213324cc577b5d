#include "gateway/edge/parked_poll.h"

#include <algorithm>

#include "gateway/edge/delivery.h"
#include "gateway/edge/http_connection.h"
#include "gateway/edge/limits.h"

namespace parlor::gateway {
using std::chrono::milliseconds;

milliseconds pollAfter(const Services& services, const Mailbox& mailbox) {
    if (!services.hub.connected()) return milliseconds(5000);
    const std::int64_t quiet = unixMs() - mailbox.newestAtMs();
    if (quiet < 60'000) return milliseconds(2000);
    return quiet < 600'000 ? milliseconds(4000) : milliseconds(8000);
}

// Hears live signals for a poll that may be ended by them.
class ParkedPoll::LiveWait : public LiveListener {
 public:
    explicit LiveWait(ParkedPoll& poll) : poll_(poll) {}
    void onLive(const LiveSignalRef&) override { poll_.onLive(); }

 private:
    ParkedPoll& poll_;
};

ParkedPoll::ParkedPoll(HttpConnection& connection, Services& services, Attachment mailbox,
                       const ReaderQuery& query, AnswerContext context,
                       std::optional<std::chrono::seconds> wait)
    : Reader(query.cursor),
      connection_(connection),
      services_(services),
      mailbox_(std::move(mailbox)),
      context_(std::move(context)),
      longPoll_(wait.has_value()),
      timer_([this] { onTimer(); }),
      wait_(wait.value_or(std::chrono::seconds(0))),
      liveAfter_(query.liveAfter) {}

ParkedPoll::~ParkedPoll() {
    if (parked_) services_.stats.parkedBy(transport()).add(-1);
}

// --- answers ------------------------------------------------------------------------------------

std::string ParkedPoll::extras() const {
    std::string out;
    if (!longPoll_) {
        out = R"(,"poll_after_ms":)" + std::to_string(pollAfter(services_, *mailbox_).count());
    }
    if (mailbox_->live() != nullptr) out += ',' + mailbox_->live()->members(unixMs());
    return out;
}

Response ParkedPoll::pageResponse(const PageRef& page) const {
    const std::string more = extras();
    Response response = json(200, {});
    if (more.empty()) {  // mostly: then all who stand at the same place share the bytes
        response.shared = std::shared_ptr<const std::string>(page, &page->object);
        return response;
    }
    const std::string_view members = page->members();
    response.body.reserve(members.size() + more.size() + 2);
    response.body.append("{").append(members).append(more).append("}");
    return response;
}

Response ParkedPoll::gapResponse() const {
    return json(200, "{" + gapMembers(cursor()) + extras() + "}");
}

// Nothing newer, and that is certain.
Response ParkedPoll::nothing() const {
    if (!longPoll_) return nothingButLive();
    Response response;
    response.status = 204;
    return response;
}

Response ParkedPoll::nothingButLive() const {
    return json(200, R"({"events":[],"cursor":")" + cursor().str() + '"' + extras() + "}");
}

// --- waiting ------------------------------------------------------------------------------------

// A live_at that another replica gave may be ahead of the clock here: it must not make deaf.
bool ParkedPoll::liveIsDue() const {
    const LiveState* live = mailbox_->live();
    return live != nullptr && liveAfter_ && live->changedAtMs() > std::min(*liveAfter_, unixMs());
}

std::optional<Response> ParkedPoll::answerNow() {
    if (const PageRef page = mailbox_->take(*this)) {
        services_.stats.deliveredBy(transport()).add();
        return pageResponse(page);
    }
    if (longPoll_) {
        if (liveIsDue()) return nothingButLive();
        return {};
    }
    if (!services_.hub.connected()) return gapResponse();
    if (mailbox_->upToDate(*this)) return nothing();
    return {};
}

void ParkedPoll::park() {
    parked_ = true;
    parkedAtMs_ = unixMs();
    services_.stats.parkedBy(transport()).add(1);
    if (longPoll_) {
        services_.wheel.arm(timer_, wait_);
    } else {
        services_.wheel.arm(timer_, limits::kShortPoll);
    }
    if (liveAfter_ && longPoll_) {
        liveWait_ = std::make_unique<LiveWait>(*this);
        mailbox_->listen(*liveWait_);
    }
    mailbox_->wait(*this);
}

void ParkedPoll::onTimer() {
    stopWaiting();
    connection_.answerParked(mailbox_->upToDate(*this) ? nothing() : gapResponse());
}

void ParkedPoll::drain() {
    stopWaiting();
    Response response = longPoll_ ? nothing() : gapResponse();
    response.close = true;
    connection_.answerParked(std::move(response));
}

void ParkedPoll::onPage(const PageRef& page) {
    noteDelivery(services_.stats, transport(), *page, parkedAtMs_);
    connection_.answerParked(pageResponse(page));
}

void ParkedPoll::onGap() { connection_.answerParked(gapResponse()); }

void ParkedPoll::onError(const Error& error) { connection_.answerParked(problem(error)); }

void ParkedPoll::onLive() {
    if (!liveIsDue()) return;
    stopWaiting();
    connection_.answerParked(nothingButLive());
}

}  // namespace parlor::gateway
