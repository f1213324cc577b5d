#pragma once

#include <string>

namespace parlor::ledger::test {

// A file system in memory with room for a new database and little more. Nobody but this process and
// those that it starts sees it, and with them it is gone. On the test's main thread.
class SmallDisk {
 public:
    // Whether this process may have one: it takes root's rights.
    static bool isAllowed();

    // On an empty directory, for its owner. Throws std::system_error.
    explicit SmallDisk(std::string directory);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    // Takes all room that is left, and gives it back.
    void fill();
    void makeRoom();

 private:
    std::string filler() const { return directory_ + "/filler"; }

    const std::string directory_;
};

}  // namespace parlor::ledger::test
