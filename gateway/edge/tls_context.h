#pragma once

// The certificate and key that the gateway shows, read again while it runs.

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

namespace parlor::gateway {

// Any thread.
class TlsContext {
 public:
    // Reads both files. Throws std::runtime_error with one sentence that names what is wrong. From
    // then on the process ignores SIGPIPE: OpenSSL writes to sockets that may be gone.
    TlsContext(std::string certificateFile, std::string keyFile);

    // Reads them again. Throws as above; what was there stays then. Connections that have begun go
    // on with what they began with.
    void reload();
    std::shared_ptr<SSL_CTX> current() const;

 private:
    const std::string certificateFile_;
    const std::string keyFile_;
    mutable std::mutex mutex_;
    std::shared_ptr<SSL_CTX> current_;  // guarded by mutex_
};

}  // namespace parlor::gateway
