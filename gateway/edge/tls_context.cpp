#include "gateway/edge/tls_context.h"

#include <openssl/err.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace parlor::gateway {
namespace {

[[noreturn]] void fail(const std::string& what) {
    std::array<char, 256> why{};
    ERR_error_string_n(ERR_get_error(), why.data(), why.size());
    ERR_clear_error();
    throw std::runtime_error(what + ": " + why.data());
}

// HTTP/1.1 is all there is, whatever else a client offers.
int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outLength,
                   const unsigned char* offered, unsigned offeredLength, void*) {
    static constexpr std::array<unsigned char, 9> kHttp = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, outLength, kHttp.data(), kHttp.size(), offered,
                              offeredLength) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> load(const std::string& certificateFile, const std::string& keyFile) {
    ERR_clear_error();
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
        fail("TLS");
    }
    // An idle connection keeps no buffers; a write that is tried again may come from elsewhere.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets do without
    SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) != 1) {
        fail("https.certificateFile: cannot use " + certificateFile);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        fail("https.keyFile: cannot use " + keyFile);
    }
    return context;
}

}  // namespace

TlsContext::TlsContext(std::string certificateFile, std::string keyFile)
    : certificateFile_(std::move(certificateFile)),
      keyFile_(std::move(keyFile)),
      current_(load(certificateFile_, keyFile_)) {
    std::signal(SIGPIPE, SIG_IGN);
}

void TlsContext::reload() {
    auto fresh = load(certificateFile_, keyFile_);
    const std::lock_guard lock(mutex_);
    current_ = std::move(fresh);
}

std::shared_ptr<SSL_CTX> TlsContext::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

}  // namespace parlor::gateway
