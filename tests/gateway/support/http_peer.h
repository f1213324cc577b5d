#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::gateway::test {

struct Answer {
    int status = 0;                              // 0: the connection ended, or nothing came in time
    std::map<std::string, std::string> headers;  // names in small letters
    std::string body;

    boost::json::object json() const { return boost::json::parse(body).as_object(); }
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

// A connection that a test speaks on, byte by byte. Every call ends in `limit`.
class HttpPeer {
 public:
    // `receiveBuffer`: what the kernel keeps for it, in bytes; 0: the kernel's choice.
    explicit HttpPeer(std::uint16_t port, int receiveBuffer = 0);
    ~HttpPeer();

    void send(std::string_view bytes);
    // The next answer; `hasBody` is false for the answer to HEAD.
    Answer receive(bool hasBody = true, std::chrono::milliseconds limit = std::chrono::seconds(10));
    // True where the other side closes within the limit; what still comes is thrown away.
    bool closes(std::chrono::milliseconds limit = std::chrono::seconds(10));
    // The next bytes as they come; empty at the end or the limit.
    std::string receiveSome(std::chrono::milliseconds limit);
    void close();
    // Bytes that came behind the last answer.
    const std::string& surplus() const { return buffer_; }

 private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
};

struct Ask {
    std::string method = "GET";
    std::string target = "/";
    std::string token = {};
    std::optional<std::string> body = {};
    std::map<std::string, std::string> headers = {};
};
std::string formatRequest(const Ask& ask);
// One request on a connection of its own.
Answer http(std::uint16_t port, const Ask& ask,
            std::chrono::milliseconds limit = std::chrono::seconds(10));

// A visitor's WebSocket.
class SocketPeer {
 public:
    // Throws boost::system::system_error where the handshake is refused. `receiveBuffer` as above.
    // Of `origin`, `traceparent` and `forwardedFor` each is a header, unless it is empty.
    SocketPeer(std::uint16_t port, const std::string& target,
               const std::string& protocol = "parlor.v1.json", const std::string& origin = "",
               int receiveBuffer = 0, const std::string& traceparent = "",
               const std::string& forwardedFor = "");
    ~SocketPeer();

    void sendText(const std::string& text);
    void sendBinary(const std::string& bytes);
    // The next frame; nothing where the socket was closed, or at the limit.
    std::optional<std::string> receive(std::chrono::milliseconds limit = std::chrono::seconds(10));
    // The close code that the gateway gave; 0: none.
    int closeCode();
    const std::string& protocol() const;
    // What the gateway chooses of what a client offers that can compress.
    static std::string extensionsOf(std::uint16_t port, const std::string& target);
    // Cuts the connection, as a phone in a tunnel does.
    void cut();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parlor::gateway::test
