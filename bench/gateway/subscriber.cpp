#include "bench/gateway/subscriber.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parlor::bench {
namespace {

class LongPoller : public Subscriber {
 public:
    using Subscriber::Subscriber;

 private:
    std::string firstRequest() const override {
        std::string request;
        context().dialect.poll(channel(), request);
        return request;
    }

    std::size_t consume(std::string_view bytes) override {
        const auto response = parseResponse(bytes);
        if (!response) return 0;
        context().deliveries.scan(response->body, context().poller.now());
        if (response->status != 200 && response->status != 204) ++context().refused;
        context().dialect.advance(*response, channel());
        auto& request = context().scratch;
        request.clear();
        context().dialect.poll(channel(), request);
        send(request);
        return response->size();
    }
};

// Takes the response's head, then gives on what follows.
class StreamReader : public Subscriber {
 public:
    using Subscriber::Subscriber;

 protected:
    virtual std::size_t consumeStream(std::string_view bytes) = 0;

 private:
    std::size_t consume(std::string_view bytes) final {
        if (accepted_) return consumeStream(bytes);
        const auto response = parseResponse(bytes);
        if (!response) return 0;
        accepted_ = response->status == 200 || response->status == 101;
        ++(accepted_ ? context().ready : context().refused);
        const auto size = response->head.size();
        return size + (size < bytes.size() ? consumeStream(bytes.substr(size)) : 0);
    }

    bool accepted_ = false;
};

class SseReader : public StreamReader {
 public:
    using StreamReader::StreamReader;

 private:
    std::string firstRequest() const override { return context().dialect.stream(channel()); }

    // Whole lines only, so that no marker is cut in two.
    std::size_t consumeStream(std::string_view bytes) override {
        const auto end = bytes.rfind('\n') + 1;  // 0 where there is none
        context().deliveries.scan(bytes.substr(0, end), context().poller.now());
        return end;
    }
};

class SocketReader : public StreamReader {
 public:
    using StreamReader::StreamReader;

 private:
    static constexpr std::uint8_t kClose = 8;
    static constexpr std::uint8_t kPing = 9;

    std::string firstRequest() const override { return context().dialect.socket(channel()); }

    // Frames (RFC 6455, 5.2); a server's are not masked.
    std::size_t consumeStream(std::string_view bytes) override {
        std::size_t taken = 0;
        while (bytes.size() - taken >= 2) {
            const auto frame = bytes.substr(taken);
            const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(frame[at]); };
            std::size_t head = 2;
            std::size_t size = byte(1) & 0x7fU;
            if (size == 127) throw std::runtime_error("a frame of 64 KiB or more");
            if (size == 126) {
                head = 4;
                if (frame.size() < head) break;
                size = static_cast<std::size_t>(byte(2)) << 8U | byte(3);
            }
            if (frame.size() < head + size) break;
            onFrame(byte(0) & 0x0fU, frame.substr(head, size));
            taken += head + size;
        }
        return taken;
    }

    void onFrame(unsigned opcode, std::string_view payload) {
        if (opcode == kPing) {
            // A mask of zeros leaves the payload as it is.
            send(std::string{'\x8a', static_cast<char>(0x80U | payload.size()), 0, 0, 0, 0}.append(
                payload));
        } else if (opcode != kClose) {
            context().deliveries.scan(payload, context().poller.now());
        }
    }
};

}  // namespace

Transport parseTransport(const std::string& name) {
    if (name == "longpoll") return Transport::longPoll;
    if (name == "sse") return Transport::sse;
    if (name == "websocket") return Transport::webSocket;
    throw std::invalid_argument("no such transport: " + name);
}

void Subscriber::open() {
    rest_.clear();
    fd_ = connectTo(address_);
    context_.poller.add(fd_.get(), *this);
    send(firstRequest());
}

void Subscriber::onReadable() {
    std::array<char, 64 * 1024> buffer;
    const auto received = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (received > 0) return take({buffer.data(), static_cast<std::size_t>(received)});
    if (received < 0 && errno == EAGAIN) return;
    ++context_.closed;
    fd_.reset();
}

void Subscriber::take(std::string_view bytes) {
    if (!rest_.empty()) bytes = rest_.append(bytes);
    std::size_t taken = 0;
    while (taken < bytes.size()) {
        const auto more = consume(bytes.substr(taken));
        if (more == 0) break;
        taken += more;
    }
    if (!rest_.empty()) {
        rest_.erase(0, taken);
    } else if (taken < bytes.size()) {
        rest_ = bytes.substr(taken);
    }
}

std::unique_ptr<Subscriber> makeSubscriber(Transport transport, SubscriberContext& context,
                                           Channel& channel, std::string address) {
    switch (transport) {
        case Transport::longPoll:
            return std::make_unique<LongPoller>(context, channel, std::move(address));
        case Transport::sse:
            return std::make_unique<SseReader>(context, channel, std::move(address));
        case Transport::webSocket:
            return std::make_unique<SocketReader>(context, channel, std::move(address));
    }
    throw std::logic_error("no such transport");
}

}  // namespace parlor::bench
