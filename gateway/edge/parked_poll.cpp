#include "gateway/edge/parked_poll.h"

#include "gateway/edge/delivery.h"
#include "gateway/edge/http_connection.h"
#include "gateway/edge/limits.h"

namespace parlor::gateway {
namespace {

using std::chrono::milliseconds;

Response wrap(std::string_view members, std::optional<milliseconds> pollAfter) {
    std::string body;
    body.reserve(members.size() + 40);
    body += '{';
    body += members;
    if (pollAfter) body += R"(,"poll_after_ms":)" + std::to_string(pollAfter->count());
    body += '}';
    return json(200, std::move(body));
}

}  // namespace

milliseconds pollAfter(const Services& services, const Mailbox& mailbox) {
    if (!services.hub.connected()) return milliseconds(5000);
    const std::int64_t quiet = unixMs() - mailbox.newestAtMs();
    if (quiet < 60'000) return milliseconds(2000);
    return quiet < 600'000 ? milliseconds(4000) : milliseconds(8000);
}

Response pageResponse(const PageRef& page, std::optional<milliseconds> pollAfter) {
    if (pollAfter) return wrap(page->members(), pollAfter);
    Response response = json(200, {});
    response.shared = std::shared_ptr<const std::string>(page, &page->object);
    return response;
}

Response gapResponse(const Cursor& cursor, std::optional<milliseconds> pollAfter) {
    return wrap(gapMembers(cursor), pollAfter);
}

ParkedPoll::ParkedPoll(HttpConnection& connection, Services& services, Attachment mailbox,
                       Cursor cursor, AnswerContext context,
                       std::optional<std::chrono::seconds> wait)
    : Reader(cursor),
      connection_(connection),
      services_(services),
      mailbox_(std::move(mailbox)),
      context_(std::move(context)),
      longPoll_(wait.has_value()),
      timer_([this] { onTimer(); }),
      wait_(wait.value_or(std::chrono::seconds(0))) {}

ParkedPoll::~ParkedPoll() {
    if (parked_) services_.stats.parkedBy(transport()).add(-1);
}

std::optional<milliseconds> ParkedPoll::advice() const {
    if (longPoll_) return {};
    return pollAfter(services_, *mailbox_);
}

// Nothing newer, and that is certain.
Response ParkedPoll::nothing() const {
    if (!longPoll_) {
        return wrap(R"("events":[],"cursor":")" + cursor().str() + '"', advice());
    }
    Response response;
    response.status = 204;
    return response;
}

std::optional<Response> ParkedPoll::answerNow() {
    if (const PageRef page = mailbox_->take(*this)) {
        services_.stats.deliveredBy(transport()).add();
        return pageResponse(page, advice());
    }
    if (longPoll_) return {};
    if (!services_.hub.connected()) return gapResponse(cursor(), advice());
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
    mailbox_->wait(*this);
}

void ParkedPoll::onTimer() {
    stopWaiting();
    connection_.answerParked(mailbox_->upToDate(*this) ? nothing()
                                                       : gapResponse(cursor(), advice()));
}

void ParkedPoll::drain() {
    stopWaiting();
    Response response = longPoll_ ? nothing() : gapResponse(cursor(), advice());
    response.close = true;
    connection_.answerParked(std::move(response));
}

void ParkedPoll::onPage(const PageRef& page) {
    noteDelivery(services_.stats, transport(), *page, parkedAtMs_);
    connection_.answerParked(pageResponse(page, advice()));
}

void ParkedPoll::onGap() { connection_.answerParked(gapResponse(cursor(), advice())); }

void ParkedPoll::onError(const Error& error) { connection_.answerParked(problem(error)); }

}  // namespace parlor::gateway
