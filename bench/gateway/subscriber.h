#pragma once

// One visitor: reads one channel over one connection, for as long as the run lasts.

#include <memory>
#include <string>

#include "bench/gateway/dialect.h"
#include "bench/gateway/marker.h"
#include "bench/gateway/poller.h"

namespace parlor::bench {

enum class Transport { longPoll, sse, webSocket };
// "longpoll", "sse" or "websocket". Throws std::invalid_argument.
Transport parseTransport(const std::string& name);

// What all subscribers share.
struct SubscriberContext {
    Poller& poller;
    const Dialect& dialect;
    Deliveries& deliveries;
    std::size_t ready = 0;    // streams and sockets that were accepted
    std::size_t refused = 0;  // answers that were neither events nor "nothing new"
    std::size_t closed = 0;   // connections that the server ended
    std::string scratch = {};
};

class Subscriber : public Pollable {
 public:
    // `context` and `channel` must outlive it.
    Subscriber(SubscriberContext& context, Channel& channel, std::string address)
        : context_(context), channel_(channel), address_(std::move(address)) {}

    // Connects and asks. Again after the server has closed. Throws std::system_error.
    void open();
    void onReadable() final;

 protected:
    virtual std::string firstRequest() const = 0;
    // Takes what it can off the beginning of `bytes`; returns how much that was.
    virtual std::size_t consume(std::string_view bytes) = 0;

    SubscriberContext& context() { return context_; }
    const SubscriberContext& context() const { return context_; }
    Channel& channel() const { return channel_; }
    void send(std::string_view bytes) { sendAll(fd_.get(), bytes); }

 private:
    void take(std::string_view bytes);

    SubscriberContext& context_;
    Channel& channel_;
    const std::string address_;
    Fd fd_;
    std::string rest_;  // what came and was not yet complete
};

std::unique_ptr<Subscriber> makeSubscriber(Transport transport, SubscriberContext& context,
                                           Channel& channel, std::string address);

}  // namespace parlor::bench
