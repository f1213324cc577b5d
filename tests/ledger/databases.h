#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ledger/store/database_url.h"
#include "tests/ledger/small_disk.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::ledger::test {

// A database of its own for one test: a file, or a private server on a free port of 127.0.0.1 with
// its data in a temporary directory. Make it on the test's main thread (see Process).
class Database {
 public:
    virtual ~Database() = default;

    // small: the database's files (not a server's own, nor its log of changes) are on a SmallDisk.
    // smallLog: PostgreSQL's log of changes alone is.
    enum class Disk { large, small, smallLog };
    // Throws std::runtime_error with the server's log where it does not start.
    static std::unique_ptr<Database> start(Dialect dialect, Disk disk = Disk::large);

    // An empty database.
    virtual DatabaseUrl url() const = 0;
    // The server dies, and comes back with what it had on disk. Nothing happens where there is
    // none.
    virtual void kill() = 0;
    virtual void restart() = 0;
    // False where the server has ended by itself.
    virtual bool isRunning() = 0;
    // The server stands still, all its processes, and goes on where it was.
    virtual void freeze() = 0;
    virtual void thaw() = 0;
    // It takes no more changes, or does again. False where this process may not do that.
    virtual bool setReadOnly(bool readOnly) = 0;
    // Null where it has a large one.
    virtual SmallDisk* disk() = 0;
};

}  // namespace parlor::ledger::test
