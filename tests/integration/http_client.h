#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::test {

struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in small letters
    std::string body;

    boost::json::object json() const { return boost::json::parse(body).as_object(); }
};

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";
    std::string body = {};
    std::string token = {};  // Authorization: Bearer
    std::string contentType = "application/json";
    std::map<std::string, std::string> headers = {};
};

// One request on a connection of its own to "host:port"; waits for the whole answer. Throws
// boost::system::system_error, at the limit too.
HttpResponse http(const std::string& address, const HttpRequest& request,
                  std::chrono::milliseconds limit = std::chrono::seconds(70));

// Sends these bytes as they are and gives what comes back until the server closes, or the limit.
std::string sendRaw(const std::string& address, std::string_view bytes,
                    std::chrono::milliseconds limit = std::chrono::seconds(15));

// One request whose answer has no end: what has come of its body so far. Blocking, each call with a
// limit past which it throws.
class StreamClient {
 public:
    // Returns once the head of the answer is there.
    StreamClient(const std::string& address, const std::string& target);
    ~StreamClient();

    int status() const;
    // The body's next line, without its end; nothing where the answer has ended or broke off.
    std::optional<std::string> line(std::chrono::milliseconds limit = std::chrono::seconds(15));

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A WebSocket to "host:port". Blocking, each call with a limit past which it throws.
class WebSocketClient {
 public:
    WebSocketClient(const std::string& address, const std::string& target,
                    const std::string& subprotocol = "parlor.v1.json");
    ~WebSocketClient();

    // A text frame; binary where the subprotocol is parlor.v1.proto.
    void send(const std::string& text);
    // The next frame; nothing where the peer has closed.
    std::optional<std::string> receive(std::chrono::milliseconds limit = std::chrono::seconds(15));
    int closeCode() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parlor::test
