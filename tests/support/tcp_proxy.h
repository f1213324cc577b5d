#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace parlor::test {

// Stands between a client and a server on 127.0.0.1, and can be a bad line. Thread-safe.
class TcpProxy {
 public:
    // Forwards to `target` from the start. Throws boost::system::system_error.
    explicit TcpProxy(std::uint16_t target);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    std::uint16_t port() const;
    std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port()); }

    // Breaks all connections (RST, as a lost machine's) and closes new ones at once. Done on
    // return.
    void cut();
    // Lets new connections through again.
    void restore();
    // Connections stay but nothing passes, until resume().
    void stall();
    void resume();

 private:
    class Impl;
    const std::unique_ptr<Impl> impl_;
};

}  // namespace parlor::test
