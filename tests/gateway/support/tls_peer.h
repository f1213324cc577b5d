#pragma once

// The other side of the gateway's own TLS, for tests.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "gateway/edge/net.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {

using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

// A client that believes every certificate, and says whose it was. Blocking; what is awaited for
// more than 20 s throws.
class TlsPeer {
 public:
    explicit TlsPeer(std::uint16_t port, int receiveBuffer = 0) {
        auto& socket = stream_.next_layer();
        socket.open(asio::ip::tcp::v4());
        if (receiveBuffer > 0) {
            socket.set_option(asio::socket_base::receive_buffer_size(receiveBuffer));
        }
        const timeval limit{20, 0};  // a gateway that hangs fails the test, not its run
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        socket.connect({asio::ip::address_v4::loopback(), port});
        stream_.handshake(asio::ssl::stream_base::client);
    }
    void send(const std::string& text) { asio::write(stream_, asio::buffer(text)); }
    http::response<http::string_body> receive() {
        http::response_parser<http::string_body> parser;
        parser.body_limit(64 * 1024 * 1024);
        http::read(stream_, buffer_, parser);
        return parser.release();
    }
    bool ends() {
        ErrorCode failed;
        std::array<char, 1024> waste;
        while (!failed) stream_.read_some(asio::buffer(waste), failed);
        return failed == asio::error::eof || failed == asio::ssl::error::stream_truncated;
    }
    std::string subject() {
        const std::unique_ptr<X509, void (*)(X509*)> certificate(
            SSL_get1_peer_certificate(stream_.native_handle()), X509_free);
        std::array<char, 128> name{};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                  name.data(), static_cast<int>(name.size()));
        return name.data();
    }
    void cut() { stream_.next_layer().close(); }
    std::uint16_t localPort() { return stream_.next_layer().local_endpoint().port(); }

 private:
    asio::io_context io_;
    asio::ssl::context context_{asio::ssl::context::tls_client};
    TlsStream stream_{io_, context_};
    beast::flat_buffer buffer_;
};

// A certificate for `name` that signs itself, as the files "crt" and "key" in `dir`, made by the
// openssl program. Main thread only (see Process).
inline void issueCertificate(const parlor::test::TempDir& dir, const std::string& name) {
    parlor::test::Process openssl(
        {.arguments = {PARLOR_OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                       "ec_paramgen_curve:P-256", "-nodes", "-keyout", dir.file("key"), "-out",
                       dir.file("crt"), "-subj", "/CN=" + name, "-days", "2"},
         .logFile = dir.file("log")});
    ASSERT_EQ(openssl.wait(std::chrono::seconds(60)), 0) << openssl.log();
}

}  // namespace parlor::gateway::test
