#include "bus/publish_window.h"

#include "bus/reason.h"

namespace parlor::bus::client {
namespace {

// An upper bound of what a message needs on the wire.
std::size_t packetBytes(const Message& message) {
    std::size_t bytes = 64 + message.topic.size() + message.payload.size() +
                        message.responseTopic.size() + message.correlationData.size();
    for (const auto& [name, value] : message.userProperties) {
        bytes += 5 + name.size() + value.size();
    }
    return bytes;
}

}  // namespace

bool PublishWindow::reserve() {
    if (++reserved_ <= queueLimit_) return true;
    --reserved_;
    return false;
}

void PublishWindow::add(std::uint64_t id, Message message, DoneHandler done) {
    const auto bytes = packetBytes(message);
    publications_.emplace(id, Publication{std::move(message), std::move(done), bytes});
    queue_.push_back(id);
}

void PublishWindow::setLimits(std::size_t inFlight, std::size_t packetBytes) {
    maxInFlight_ = inFlight;
    maxPacketBytes_ = packetBytes;
}

bool PublishWindow::hasRoom(const Publication& next) const {
    if (inFlight_ == 0) return true;
    return inFlight_ < maxInFlight_ && bytesInFlight_ + next.bytes <= kMaxBytesInFlight;
}

bool PublishWindow::send(Session& session) {
    while (!queue_.empty()) {
        const auto id = queue_.front();
        const auto found = publications_.find(id);
        if (found == publications_.end()) {
            queue_.pop_front();
            continue;
        }
        auto& next = found->second;
        if (!hasRoom(next)) return true;
        if (next.bytes > maxPacketBytes_) {
            queue_.pop_front();
            finish(found, Error{Errc::tooLarge, "the broker takes no packet as large as this"});
            continue;
        }
        const auto sent = session.publish(id, next.message);
        if (!sent && sent.error().code == Errc::unavailable) return false;
        queue_.pop_front();
        if (!sent) {
            finish(found, sent.error());
            continue;
        }
        if (*sent == Session::Sent::over) {
            finish(found, {});
            continue;
        }
        leaveQueue();
        next.sent = true;
        next.message = {};
        ++inFlight_;
        bytesInFlight_ += next.bytes;
    }
    return true;
}

void PublishWindow::onPublished(const Published& published) {
    const auto found = publications_.find(published.id);
    if (found == publications_.end()) return;
    ++answers_;
    if (published.reason == kNoAnswer) {
        finish(found,
               Error{Errc::unavailable, "the connection was lost before the broker answered"});
    } else if (published.reason >= kRefused) {
        finish(found, refusal(published.reason, "publish"));
    } else {
        finish(found, {});
    }
}

void PublishWindow::onBroken(const Error& error) {
    std::vector<std::uint64_t> sent;
    for (const auto& [id, publication] : publications_) {
        if (publication.sent) sent.push_back(id);
    }
    std::sort(sent.begin(), sent.end());
    for (const auto id : sent) finish(publications_.find(id), error);
}

void PublishWindow::expire(std::uint64_t id, const Error& unsent) {
    const auto found = publications_.find(id);
    if (found == publications_.end()) return;
    if (!found->second.sent) return finish(found, unsent);
    // It keeps its place in the window until the broker has answered or the connection is gone.
    auto done = std::exchange(found->second.done, nullptr);
    if (done) done(Error{Errc::deadline, "the broker did not confirm in time"});
}

void PublishWindow::failAll(const Error& error) {
    onBroken(error);
    while (!queue_.empty()) {
        const auto found = publications_.find(queue_.front());
        queue_.pop_front();
        if (found != publications_.end()) finish(found, error);
    }
}

bool PublishWindow::waits(std::uint64_t id) const {
    const auto found = publications_.find(id);
    return found != publications_.end() && found->second.done != nullptr;
}

void PublishWindow::finish(Publications::iterator publication, const Expected<void>& result) {
    if (publication->second.sent) {
        --inFlight_;
        bytesInFlight_ -= publication->second.bytes;
    } else {
        leaveQueue();
    }
    const auto done = std::move(publication->second.done);
    publications_.erase(publication);
    if (done) done(result);
}

}  // namespace parlor::bus::client
