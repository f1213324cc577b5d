#include "bench/gateway/publisher.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "bench/gateway/marker.h"

namespace parlor::bench {

class Publisher::Connection : public Pollable {
 public:
    Connection(Publisher& owner, const std::string& address)
        : owner_(owner), fd_(connectTo(address)) {
        owner_.poller_.add(fd_.get(), *this);
    }

    int fd() const { return fd_.get(); }

    void onReadable() override {
        std::array<char, 4096> buffer;
        const auto received = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (received < 0 && errno == EAGAIN) return;
        if (received <= 0) throw std::runtime_error("the server ended a publisher's connection");
        rest_.append(buffer.data(), static_cast<std::size_t>(received));
        const auto response = parseResponse(rest_);
        if (!response) return;
        const auto status = response->status;
        rest_.clear();
        owner_.onAnswer(*this, status);
    }

 private:
    Publisher& owner_;
    const Fd fd_;
    std::string rest_;
};

Publisher::Publisher(Poller& poller, const Dialect& dialect, std::span<const Channel> channels,
                     Options options)
    : poller_(poller), dialect_(dialect), channels_(channels), options_(std::move(options)) {
    for (std::size_t i = 0; i < options_.connections; ++i) {
        connections_.push_back(
            std::make_unique<Connection>(*this, options_.addresses[i % options_.addresses.size()]));
        idle_.push_back(connections_.back().get());
    }
}

Publisher::~Publisher() = default;

void Publisher::publish(Clock::time_point due) {
    ++published_;
    if (idle_.empty()) {
        waiting_.push_back(due);
        return;
    }
    auto* connection = idle_.front();
    idle_.pop_front();
    send(*connection, due);
}

void Publisher::send(Connection& connection, Clock::time_point due) {
    request_.clear();
    dialect_.publish(channels_[random_() % channels_.size()], makeText(due, options_.textBytes),
                     request_);
    sendAll(connection.fd(), request_);
}

void Publisher::onAnswer(Connection& connection, unsigned status) {
    if (status < 200 || status > 202) ++refused_;
    if (waiting_.empty()) {
        idle_.push_back(&connection);
        return;
    }
    const auto due = waiting_.front();
    waiting_.pop_front();
    send(connection, due);
}

}  // namespace parlor::bench
