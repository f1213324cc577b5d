// Every transport through the load balancers of deploy/, with two replicas behind and 2,000
// visitors in front at the same time, every other one of whom posts without waiting for the
// receipt.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <regex>

#include "parlor/v1/socket.pb.h"
#include "proto/codec.h"
#include "proto/cursor.h"
#include "proto/ids.h"
#include "tests/integration/http_client.h"
#include "tests/integration/stack.h"

namespace parlor::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr std::size_t kVisitors = 2000;
constexpr std::size_t kAtOnce = 32;        // requests under way that open or post
constexpr std::size_t kPerAddress = 1000;  // what the balancers of deploy/ allow
constexpr auto kLimit = std::chrono::seconds(55);

enum class Transport { shortPoll, longPoll, sse, frame, socket, protoSocket };

std::string nameOf(Transport transport) {
    switch (transport) {
        case Transport::shortPoll:
            return "short poll";
        case Transport::longPoll:
            return "long poll";
        case Transport::sse:
            return "sse";
        case Transport::frame:
            return "frame";
        case Transport::socket:
            return "socket";
        case Transport::protoSocket:
            return "proto socket";
    }
    return {};
}

// One connection through the balancer.
class Line {
 public:
    Line(asio::io_context& context, tcp::endpoint to, const char* from = "127.0.0.1")
        : stream_(context), to_(to), from_(asio::ip::make_address(from), 0) {}

    beast::tcp_stream& stream() { return stream_; }
    asio::awaitable<void> connect() {
        stream_.expires_after(kLimit);
        stream_.socket().open(tcp::v4());
        // Several addresses use the same port: which one is settled when they connect.
        const asio::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT> late(true);
        stream_.socket().set_option(late);
        stream_.socket().bind(from_);
        co_await stream_.async_connect(to_, use_awaitable);
    }

    using Text = beast::http::string_body;
    asio::awaitable<beast::http::response<Text>> ask(beast::http::request<Text> request) {
        request.set(beast::http::field::host, "parlor.example");
        request.prepare_payload();
        stream_.expires_after(kLimit);
        co_await beast::http::async_write(stream_, request, use_awaitable);
        beast::http::response<Text> response;
        co_await beast::http::async_read(stream_, buffer_, response, use_awaitable);
        co_return response;
    }

    // Lines of an answer without end, to `line` until it says that it has enough.
    template <class Each>
    asio::awaitable<void> lines(std::string target, Each&& each) {
        beast::http::request<Text> request(beast::http::verb::get, target, 11);
        request.set(beast::http::field::host, "parlor.example");
        stream_.expires_after(kLimit);
        co_await beast::http::async_write(stream_, request, use_awaitable);
        beast::http::response_parser<Text> parser;
        parser.body_limit(boost::none);
        co_await beast::http::async_read_header(stream_, buffer_, parser, use_awaitable);
        if (parser.get().result_int() != 200) throw std::runtime_error("not a stream");
        std::string text;
        for (;;) {
            text += parser.get().body();
            parser.get().body().clear();
            for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
                if (each(std::string_view(text).substr(0, end))) co_return;
                text.erase(0, end + 1);
            }
            co_await beast::http::async_read_some(stream_, buffer_, parser, use_awaitable);
        }
    }

 private:
    beast::tcp_stream stream_;
    const tcp::endpoint to_;
    const tcp::endpoint from_;
    beast::flat_buffer buffer_;
};

struct Guest {
    std::string conversation;
    std::string token;
    std::string cursor;
    std::int64_t seq = 1;  // of the newest event seen

    std::string path(const std::string& call) const {
        return "/v1/conversations/" + conversation + "/" + call;
    }
    std::string reading(const std::string& call) const {
        return path(call) + "?after=" + cursor +
               "&origin=http://shop.example&access_token=" + token;
    }
    // True where the page holds exactly the one event that comes next. An empty page changes
    // nothing.
    bool take(const json::object& page) {
        const auto& events = page.at("events").as_array();
        if (events.empty()) return false;
        takeOne(events.size(), json::value_to<std::int64_t>(events[0].as_object().at("seq")));
        cursor = std::string(page.at("cursor").as_string());
        return true;
    }
    bool take(const v1::EventPage& page) {
        if (page.events().empty()) return false;
        takeOne(static_cast<std::size_t>(page.events_size()),
                static_cast<std::int64_t>(page.events(0).seq()));
        cursor = Cursor{page.epoch(), page.seq()}.str();
        return true;
    }

 private:
    void takeOne(std::size_t count, std::int64_t first) {
        if (count != 1 || first != seq + 1) {
            throw std::runtime_error("not what comes next: " + std::to_string(count) +
                                     " from seq " + std::to_string(first));
        }
        ++seq;
    }
};

class ProxyTest : public testing::TestWithParam<const char*> {
 protected:
    ProxyTest() {
        rlimit files{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
        const auto address = stack_.balancer();
        const auto colon = address.rfind(':');
        balancer_ = {asio::ip::make_address(address.substr(0, colon)),
                     static_cast<unsigned short>(std::stoi(address.substr(colon + 1)))};
    }

    template <class Make>
    void spawn(Make make) {
        asio::co_spawn(context_, std::move(make), [this](std::exception_ptr failed) {
            if (!failed) return;
            try {
                std::rethrow_exception(failed);
            } catch (const std::exception& why) {
                if (failures_++ == 0) ADD_FAILURE() << why.what();
            }
        });
    }

    // Runs until the condition holds; false at the limit, or once something failed.
    template <class Condition>
    bool runUntil(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + kLimit;
        context_.restart();
        while (!condition() && failures_ == 0 && std::chrono::steady_clock::now() < end) {
            context_.run_one_for(std::chrono::milliseconds(100));
            context_.restart();
        }
        return condition();
    }

    asio::awaitable<void> openSome(std::size_t count = kVisitors) {
        Line line(context_, balancer_);
        co_await line.connect();
        while (opening_ < count) {
            ++opening_;
            beast::http::request<Line::Text> request(beast::http::verb::post,
                                                     "/v1/sites/demo/conversations", 11, "{}");
            request.set(beast::http::field::content_type, "application/json");
            const auto response = co_await line.ask(std::move(request));
            if (response.result_int() != 201) throw std::runtime_error(response.body());
            const auto body = json::parse(response.body()).as_object();
            guests_.push_back({std::string(body.at("conversation").as_string()),
                               std::string(body.at("token").as_string()),
                               std::string(body.at("cursor").as_string())});
        }
    }

    // The first guest's poll; the balancer refuses it by closing or by 429.
    asio::awaitable<void> parkAtOnce(const char* from, std::string wait = "&wait=60") {
        Line line(context_, balancer_, from);
        try {
            co_await line.connect();
            const auto response = co_await line.ask(
                {beast::http::verb::get, guests_.front().reading("events") + wait, 11});
            ++(response.result_int() == 429 ? refused_ : answered_);
        } catch (const boost::system::system_error&) {
            ++refused_;
        }
    }

    asio::awaitable<void> postSome() {
        Line line(context_, balancer_);
        co_await line.connect();
        while (posting_ < kVisitors) {
            const bool async = posting_ % 2 == 1;
            const Guest& guest = guests_[posting_++];
            const auto id = RequestId::generate().str();
            const json::object body = {{"request_id", id}, {"message", {{"text", "hello"}}}};
            beast::http::request<Line::Text> request(beast::http::verb::post, guest.path("events"),
                                                     11, json::serialize(body));
            request.set(beast::http::field::content_type, "application/json");
            request.set(beast::http::field::authorization, "Bearer " + guest.token);
            if (async) request.set(beast::http::field::prefer, "respond-async");
            const auto response = co_await line.ask(std::move(request));
            if (response.result_int() != (async ? 202 : 201)) {
                throw std::runtime_error(response.body());
            }
            if (async) {
                EXPECT_EQ(response[beast::http::field::location], "/v1/requests/" + id);
                co_await awaitRecorded(line, guest, "/v1/requests/" + id);
            }
            ++posted_;
        }
    }

    // Whichever replica is asked.
    asio::awaitable<void> awaitRecorded(Line& line, const Guest& guest, std::string location) {
        for (;;) {
            const auto response = co_await line.ask(
                {beast::http::verb::get, location + "?wait=5&access_token=" + guest.token, 11});
            if (response.result_int() != 200) throw std::runtime_error(response.body());
            const auto status = json::parse(response.body()).at("status").as_string();
            if (status == "recorded") co_return;
            if (status != "pending") throw std::runtime_error(response.body());
        }
    }

    asio::awaitable<void> receive(Guest& guest, Transport transport) {
        // They come from several addresses, each within its limit.
        static constexpr std::array kHomes = {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"};
        const auto number = static_cast<std::size_t>(&guest - guests_.data());
        Line line(context_, balancer_, kHomes[number % kHomes.size()]);
        co_await line.connect();
        switch (transport) {
            case Transport::shortPoll:
                co_await poll(line, guest, "");
                break;
            case Transport::longPoll:
                co_await poll(line, guest, "&wait=60");
                break;
            case Transport::sse:
                co_await stream(line, guest, "stream", "data: ", "");
                break;
            case Transport::frame:
                co_await stream(line, guest, "frame", "<script>p(", ")</script>");
                break;
            case Transport::socket:
                co_await socket(line, guest, "parlor.v1.json");
                break;
            case Transport::protoSocket:
                co_await socket(line, guest, "parlor.v1.proto");
                break;
        }
        ++received_;
    }

    asio::awaitable<void> poll(Line& line, Guest& guest, std::string wait) {
        asio::steady_timer timer(context_);
        for (;;) {
            if (!wait.empty()) ++attached_;
            const auto response =
                co_await line.ask({beast::http::verb::get, guest.reading("events") + wait, 11});
            if (response.result_int() == 200 &&
                guest.take(json::parse(response.body()).as_object()))
                co_return;
            if (!wait.empty()) continue;
            ++attached_;
            timer.expires_after(std::chrono::milliseconds(500));
            co_await timer.async_wait(use_awaitable);
        }
    }

    asio::awaitable<void> stream(Line& line, Guest& guest, std::string call, std::string before,
                                 std::string behind) {
        bool first = true;
        co_await line.lines(guest.reading(call), [&](std::string_view text) {
            if (std::exchange(first, false)) ++attached_;
            if (!text.starts_with(before) || !text.ends_with(behind)) return false;
            text.remove_prefix(before.size());
            text.remove_suffix(behind.size());
            const auto frame = json::parse(text).as_object();
            if (frame.at("type") == "bye") throw std::runtime_error(std::string(text));
            return frame.at("type") == "events" && guest.take(frame);
        });
    }

    static bool takeFrame(Guest& guest, const std::string& bytes, bool isProto) {
        if (isProto) {
            const auto frame = decode<v1::ServerFrame>(bytes);
            if (!frame) throw std::runtime_error(frame.error().text);
            return frame->has_page() && guest.take(frame->page());
        }
        const auto frame = json::parse(bytes).as_object();
        return frame.at("type") == "events" && guest.take(frame);
    }

    asio::awaitable<void> socket(Line& line, Guest& guest, std::string protocol) {
        beast::websocket::stream<beast::tcp_stream&> socket(line.stream());
        socket.set_option(
            beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
                request.set(beast::http::field::sec_websocket_protocol, protocol);
            }));
        co_await socket.async_handshake("parlor.example", guest.reading("socket"), use_awaitable);
        ++attached_;
        for (beast::flat_buffer buffer;; buffer.clear()) {
            co_await socket.async_read(buffer, use_awaitable);
            const auto bytes = beast::buffers_to_string(buffer.data());
            if (takeFrame(guest, bytes, protocol == "parlor.v1.proto")) co_return;
        }
    }

    // Readers that a gateway holds.
    std::size_t parked(int gateway) {
        const auto page = http(stack_.gateway(gateway), {.target = "/metrics"}).body;
        const std::regex line("parlor_gateway_parked\\{[^}]*\\} ([0-9]+)");
        std::size_t sum = 0;
        for (std::sregex_iterator at(page.begin(), page.end(), line), end; at != end; ++at) {
            sum += std::stoul((*at)[1]);
        }
        return sum;
    }

    // All of them at the same time, about half at each gateway, and none that has left.
    void expectAllParked() {
        std::size_t here = 0;
        std::size_t there = 0;
        const auto end = std::chrono::steady_clock::now() + kLimit;
        while (here + there != kVisitors && std::chrono::steady_clock::now() < end) {
            context_.restart();
            context_.run_for(std::chrono::milliseconds(200));
            here = parked(1);
            there = parked(2);
        }
        EXPECT_EQ(here + there, kVisitors);
        EXPECT_GT(std::min(here, there), kVisitors / 4);
    }

    Stack stack_{{.gateways = 2, .balancer = GetParam()}};
    tcp::endpoint balancer_;
    asio::io_context context_{1};
    std::vector<Guest> guests_;
    std::size_t opening_ = 0;
    std::size_t posting_ = 0;
    std::size_t posted_ = 0;  // and answered
    std::size_t attached_ = 0;
    std::size_t received_ = 0;
    std::size_t refused_ = 0;
    std::size_t answered_ = 0;
    std::size_t failures_ = 0;
};

TEST_P(ProxyTest, EveryTransportForTwoThousandAtOnce) {
    guests_.reserve(kVisitors);
    for (std::size_t i = 0; i < kAtOnce; ++i) spawn([this] { return openSome(); });
    ASSERT_TRUE(runUntil([this] { return guests_.size() == kVisitors; })) << guests_.size();

    for (const auto transport : {Transport::shortPoll, Transport::longPoll, Transport::sse,
                                 Transport::frame, Transport::socket, Transport::protoSocket}) {
        SCOPED_TRACE(nameOf(transport));
        attached_ = received_ = posting_ = posted_ = 0;
        for (auto& guest : guests_) {
            spawn([this, &guest, transport] { return receive(guest, transport); });
        }
        ASSERT_TRUE(runUntil([this] { return attached_ >= kVisitors; })) << attached_;
        if (transport != Transport::shortPoll) expectAllParked();
        for (std::size_t i = 0; i < kAtOnce; ++i) spawn([this] { return postSome(); });
        ASSERT_TRUE(runUntil([this] { return received_ == kVisitors && posted_ == kVisitors; }))
            << received_ << " received, " << posted_ << " posted";
    }
}

TEST_P(ProxyTest, OneAddressCannotTakeAllConnections) {
    spawn([this] { return openSome(1); });
    ASSERT_TRUE(runUntil([this] { return guests_.size() == 1; }));
    constexpr std::size_t kTooMany = 20;
    for (std::size_t i = 0; i < kPerAddress + kTooMany; ++i) {
        spawn([this] { return parkAtOnce("127.0.0.2"); });
    }
    EXPECT_TRUE(runUntil([this] { return refused_ >= kTooMany; })) << refused_;
    spawn([this] { return parkAtOnce("127.0.0.3", "&wait=0"); });
    EXPECT_TRUE(runUntil([this] { return answered_ == 1; }));
    EXPECT_LE(refused_, kTooMany + 1);  // HAProxy counts one that is about to be refused
}

TEST_P(ProxyTest, StrangersDoNotSeeTheMetrics) {
    EXPECT_EQ(http(stack_.balancer(), {.target = "/metrics"}).status, 404);
    EXPECT_EQ(http(stack_.gateway(1), {.target = "/metrics"}).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Balancers, ProxyTest, testing::Values("haproxy", "nginx"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace parlor::test
