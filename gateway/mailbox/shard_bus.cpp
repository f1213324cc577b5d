#include "gateway/mailbox/shard_bus.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace parlor::gateway {

using Wait = boost::asio::posix::descriptor_base;
using boost::system::error_code;

namespace {

int makeBell() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return fd;
}

}  // namespace

ShardBus::ShardBus(boost::asio::io_context& io, std::unique_ptr<bus::DrivenBus> bus, Stats& stats)
    : bell_(io, makeBell()), bus_(std::move(bus)), stats_(stats), descriptor_(io), timer_(io) {
    bus_->drive([fd = bell_.native_handle()] { ::eventfd_write(fd, 1); });
}

ShardBus::~ShardBus() { stop(bus::Clock::now()); }

void ShardBus::start(Handlers handlers) {
    handlers_ = std::move(handlers);
    bus_->start({.onMessage =
                     [this](bus::Message&& message) {
                         if (!stopped_) handlers_.onMessage(std::move(message));
                     },
                 .onState = [this](bus::State state) { onState(state); }});
    awaitBell();
}

void ShardBus::stop(bus::Deadline deadline) {
    if (std::exchange(stopped_, true)) return;
    bus_->stop(deadline);
    error_code ignored;
    bell_.cancel(ignored);
    descriptor_.close(ignored);
    timer_.cancel();
    connected_ = false;
    stats_.busConnected.set(0);
}

void ShardBus::onState(bus::State state) {
    if (stopped_) return;
    connected_ = state == bus::State::connected;
    stats_.busConnected.set(connected_ ? 1 : 0);
    handlers_.onState(state);
}

void ShardBus::turn(bool readable, bool writable) {
    if (stopped_) return;
    bus_->turn(readable, writable);
    if (handlers_.onTurnEnd) handlers_.onTurnEnd();
    if (!stopped_) watch();
}

void ShardBus::watch() {
    const auto socket = bus_->socket();
    if (socket != watched_) {
        error_code ignored;
        descriptor_.close(ignored);
        reading_ = writing_ = false;
        watched_ = socket;
        if (const int copy = socket.fd < 0 ? -1 : ::dup(socket.fd); copy >= 0) {
            descriptor_.assign(copy);
        }
    }
    if (descriptor_.is_open()) {
        if (!reading_) awaitReadable();
        if (!writing_ && bus_->wantsToWrite()) awaitWritable();
    }
    awaitTime();
}

void ShardBus::awaitBell() {
    bell_.async_read_some(boost::asio::buffer(&rung_, sizeof rung_),
                          [this](error_code failed, std::size_t) {
                              if (failed || stopped_) return;
                              turn(false, false);
                              awaitBell();
                          });
}

void ShardBus::awaitReadable() {
    reading_ = true;
    descriptor_.async_wait(Wait::wait_read, [this](error_code failed) {
        if (failed) return;
        reading_ = false;
        turn(true, false);
    });
}

void ShardBus::awaitWritable() {
    writing_ = true;
    descriptor_.async_wait(Wait::wait_write, [this](error_code failed) {
        if (failed) return;
        writing_ = false;
        turn(false, true);
    });
}

// A turn that comes too early does no harm, so the timer is only ever moved forwards.
void ShardBus::awaitTime() {
    const auto next = bus_->nextTurn();
    if (!next || *next >= wakesAt_) return;
    wakesAt_ = *next;
    timer_.expires_at(wakesAt_);
    timer_.async_wait([this](error_code failed) {
        if (failed) return;
        wakesAt_ = bus::Deadline::max();
        turn(false, false);
    });
}

// Whoever asked may be gone by the time it is stopped.
bus::DoneHandler ShardBus::guarded(bus::DoneHandler done) {
    if (!done) return nullptr;
    return [this, done = std::move(done)](Expected<void> result) {
        if (!stopped_) done(std::move(result));
    };
}

void ShardBus::publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) {
    bus_->publish(std::move(message), guarded(std::move(done)), deadline);
}

void ShardBus::subscribe(std::vector<std::string> filters, bus::DoneHandler done,
                         bus::Deadline deadline) {
    bus_->subscribe(std::move(filters), bus::Qos::atLeastOnce, guarded(std::move(done)), deadline);
}

void ShardBus::unsubscribe(std::vector<std::string> filters, bus::Deadline deadline) {
    bus_->unsubscribe(std::move(filters), nullptr, deadline);
}

}  // namespace parlor::gateway
