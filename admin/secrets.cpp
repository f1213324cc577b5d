#include "admin/secrets.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include "proto/codec.h"

namespace parlor::admin {
namespace {

constexpr std::size_t kRandomBytes = 18;
constexpr std::size_t kMaxSecret = 1024;
constexpr std::size_t kMinPassword = 12;

Error systemError(const std::string& what) {
    return {Errc::unavailable, what + ": " + std::generic_category().message(errno)};
}

bool writeAll(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Where there is a file already.
bool giveToOwnerOf(const std::string& path, int fd) {
    struct stat there{};
    if (::stat(path.c_str(), &there) != 0 || there.st_uid == ::geteuid()) return true;
    return ::fchown(fd, there.st_uid, there.st_gid) == 0;
}

}  // namespace

std::string generatePassword() {
    std::array<unsigned char, kRandomBytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system has no random numbers");
    }
    // A multiple of three bytes: no padding.
    std::array<unsigned char, kRandomBytes / 3 * 4 + 1> text{};
    const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    std::string password(text.begin(), text.begin() + size);
    std::replace(password.begin(), password.end(), '+', '-');
    std::replace(password.begin(), password.end(), '/', '_');
    return password;
}

Expected<std::string> readSecret(const std::string& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path);
        if (!file) return Error{Errc::notFound, "cannot read " + path};
    }
    std::string line;
    std::getline(path == "-" ? std::cin : file, line);
    if (line.ends_with('\r')) line.pop_back();
    const std::string where = path == "-" ? "the standard input" : path;
    if (line.empty()) return Error{Errc::malformed, where + " holds no password"};
    if (line.size() > kMaxSecret) return Error{Errc::malformed, where + ": password too long"};
    return line;
}

Expected<void> checkPassword(const std::string& password) {
    if (password.size() < kMinPassword) {
        return Error{Errc::malformed,
                     "a password has at least " + std::to_string(kMinPassword) + " characters"};
    }
    const bool control = std::any_of(password.begin(), password.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (control || !isUtf8(password)) {
        return Error{Errc::malformed, "a password is UTF-8 without control characters"};
    }
    return {};
}

Expected<void> writeSecret(const std::string& path, const std::string& secret) {
    return writePrivateFile(path, secret + "\n");
}

Expected<void> writePrivateFile(const std::string& path, const std::string& text) {
    std::string temporary = path + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
    if (fd < 0) return systemError("cannot write " + path);
    const bool written = writeAll(fd, text) && giveToOwnerOf(path, fd) && ::fsync(fd) == 0;
    const bool ok = ::close(fd) == 0 && written && ::rename(temporary.c_str(), path.c_str()) == 0;
    if (ok) return {};
    const auto error = systemError("cannot write " + path);
    ::unlink(temporary.c_str());
    return error;
}

}  // namespace parlor::admin
