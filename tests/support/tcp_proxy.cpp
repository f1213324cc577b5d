#include "tests/support/tcp_proxy.h"

#include <array>
#include <boost/asio.hpp>
#include <future>
#include <list>
#include <thread>

namespace parlor::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

}  // namespace

// All but the constructor and call() run on thread_.
class TcpProxy::Impl {
 public:
    explicit Impl(std::uint16_t target)
        : target_(loopback(target)), acceptor_(context_, loopback(0)) {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Impl() {
        context_.stop();
        thread_.join();
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    // Runs `action` on the proxy's thread and waits for its end.
    template <class Action>
    void call(Action action) {
        std::promise<void> done;
        asio::post(context_, [&] {
            action();
            done.set_value();
        });
        done.get_future().wait();
    }

    void cut() {
        open_ = false;
        for (auto& link : links_) link->reset();
        links_.clear();
    }
    void restore() { open_ = true; }
    void setStalled(bool stalled) {
        stalled_ = stalled;
        for (auto& link : links_) {
            if (!stalled) link->wake();
        }
    }

 private:
    using Buffer = std::array<char, 64 * 1024>;

    struct Way {
        tcp::socket& from;
        tcp::socket& to;
        Buffer buffer{};
        std::size_t held = 0;  // bytes that wait for the end of a stall
    };

    struct Link : std::enable_shared_from_this<Link> {
        Link(Impl& proxy, tcp::socket accepted)
            : owner(proxy), client(std::move(accepted)), server(proxy.context_) {}

        void start() {
            server.async_connect(owner.target_, [self = shared_from_this()](auto error) {
                if (error) return self->reset();
                self->client.set_option(tcp::no_delay(true));
                self->server.set_option(tcp::no_delay(true));
                self->read(self->up);
                self->read(self->down);
            });
        }
        void read(Way& way) {
            way.from.async_read_some(asio::buffer(way.buffer), [self = shared_from_this(), &way](
                                                                   auto error, std::size_t size) {
                if (error) return self->close();
                way.held = size;
                if (!self->owner.stalled_) self->write(way);
            });
        }
        void write(Way& way) {
            asio::async_write(way.to, asio::buffer(way.buffer, std::exchange(way.held, 0)),
                              [self = shared_from_this(), &way](auto error, std::size_t) {
                                  if (error) return self->close();
                                  self->read(way);
                              });
        }
        void wake() {
            if (up.held != 0) write(up);
            if (down.held != 0) write(down);
        }
        void close() {
            boost::system::error_code ignored;
            client.close(ignored);
            server.close(ignored);
        }
        void reset() {
            boost::system::error_code ignored;
            client.set_option(asio::socket_base::linger(true, 0), ignored);
            server.set_option(asio::socket_base::linger(true, 0), ignored);
            close();
        }

        Impl& owner;
        tcp::socket client;
        tcp::socket server;
        Way up{client, server};
        Way down{server, client};
    };

    void accept() {
        acceptor_.async_accept([this](auto error, tcp::socket socket) {
            if (error) return;
            std::erase_if(links_, [](auto& link) { return !link->client.is_open(); });
            if (open_) {
                links_.push_back(std::make_shared<Link>(*this, std::move(socket)));
                links_.back()->start();
            }
            accept();
        });
    }

    asio::io_context context_;
    const tcp::endpoint target_;
    tcp::acceptor acceptor_;
    std::list<std::shared_ptr<Link>> links_;
    bool open_ = true;
    bool stalled_ = false;
    std::thread thread_;
};

TcpProxy::TcpProxy(std::uint16_t target) : impl_(std::make_unique<Impl>(target)) {}
TcpProxy::~TcpProxy() = default;

std::uint16_t TcpProxy::port() const { return impl_->port(); }
void TcpProxy::cut() {
    impl_->call([this] { impl_->cut(); });
}
void TcpProxy::restore() {
    impl_->call([this] { impl_->restore(); });
}
void TcpProxy::stall() {
    impl_->call([this] { impl_->setStalled(true); });
}
void TcpProxy::resume() {
    impl_->call([this] { impl_->setStalled(false); });
}

}  // namespace parlor::test
