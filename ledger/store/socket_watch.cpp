#include "ledger/store/socket_watch.h"

#include <Poco/Exception.h>
#include <sys/socket.h>

#include <algorithm>

namespace parlor::ledger {

SocketWatch::~SocketWatch() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SocketWatch::endAt(Clock::time_point end) {
    {
        const std::scoped_lock lock(mutex_);
        end_ = end;
    }
    wake_.notify_all();
}

void SocketWatch::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        cutOverdue();
        const auto now = Clock::now();
        const auto end = end_.load();
        wake_.wait_until(lock, end > now ? std::min(end, now + kStep) : now + kStep);
    }
}

void SocketWatch::cutOverdue() {
    const auto now = Clock::now();
    const bool ended = now >= end_.load();
    for (auto* socket : sockets_) {
        const auto due = socket->due_.load();
        if (due != kIdle && (due <= now || ended)) socket->cut();
    }
}

void SocketWatch::Socket::cut() {
    cut_ = true;
    ::shutdown(descriptor_, SHUT_RDWR);
}

SocketWatch::Socket::Socket(SocketWatch& watch, int descriptor, std::chrono::milliseconds limit)
    : watch_(watch), descriptor_(descriptor), limit_(limit) {
    const std::scoped_lock lock(watch_.mutex_);
    watch_.sockets_.insert(this);
    if (!watch_.thread_.joinable()) watch_.thread_ = std::thread([&watch] { watch.run(); });
}

SocketWatch::Socket::~Socket() {
    const std::scoped_lock lock(watch_.mutex_);
    watch_.sockets_.erase(this);
}

SocketWatch::Call::Call(Socket* socket) : socket_(socket) {
    if (socket_ == nullptr) return;
    const auto now = Clock::now();
    if (now >= socket_->watch_.end()) throw Poco::IllegalStateException("the ledger stops");
    const bool limited = socket_->limit_ != kNoLimit;
    socket_->due_ = limited ? now + socket_->limit_ : kIdle - Clock::duration(1);
}

SocketWatch::Call::~Call() {
    if (socket_ != nullptr) socket_->due_ = kIdle;
}

}  // namespace parlor::ledger
