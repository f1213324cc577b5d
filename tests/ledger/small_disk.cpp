#include "tests/ledger/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace parlor::ledger::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

bool SmallDisk::isAllowed() {
    static const bool allowed = ::unshare(CLONE_NEWNS) == 0 &&
                                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return allowed;
}

SmallDisk::SmallDisk(std::string directory) : directory_(std::move(directory)) {
    struct stat owner{};
    if (!isAllowed() || ::stat(directory_.c_str(), &owner) != 0) fail("no disk for " + directory_);
    const auto options = "size=32m,mode=0700,uid=" + std::to_string(owner.st_uid) +
                         ",gid=" + std::to_string(owner.st_gid);
    if (::mount("tmpfs", directory_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
        fail("cannot mount on " + directory_);
    }
}

SmallDisk::~SmallDisk() { ::umount2(directory_.c_str(), MNT_DETACH); }

void SmallDisk::fill() {
    const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND, S_IRUSR | S_IWUSR);
    if (file < 0) fail("cannot make " + filler());
    const std::array<char, 4096> block{};
    while (::write(file, block.data(), block.size()) > 0) {
    }
    ::close(file);
}

void SmallDisk::makeRoom() { ::unlink(filler().c_str()); }

}  // namespace parlor::ledger::test
