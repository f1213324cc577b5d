#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ledger/directory/profiles.h"
#include "ledger/store/directory.h"

namespace parlor::ledger {

// All sites' departments and agents, in memory. What is changed here is seen at once; what another
// replica changes, after `poll` at most. All calls from any thread.
class ProfileKeeper {
 public:
    // Told of every site whose profiles are others than before; from one thread at a time, on the
    // thread that noticed. Must not call back.
    using Changed = std::function<void(const SiteId&, const Profiles&)>;

    struct Options {
        std::chrono::milliseconds poll{2000};
    };

    // The logger must outlive it.
    ProfileKeeper(const Options& options, std::unique_ptr<DirectoryStore> store, Poco::Logger& log,
                  Changed changed);
    ~ProfileKeeper();
    ProfileKeeper(const ProfileKeeper&) = delete;
    ProfileKeeper& operator=(const ProfileKeeper&) = delete;

    // Reads everything, where the database is there; else as soon as it is.
    void start();
    void stop();

    // As they are now, for as long as the caller keeps them: empty where nothing was said of the
    // site. Nothing while they could not be read yet.
    std::shared_ptr<const Profiles> site(const SiteId& site) const;
    // The directory's version of what is in memory; 0: not read yet.
    std::uint64_t version() const;

    // Each writes and takes over what it wrote: the new version. See DirectoryStore.
    Expected<std::uint64_t> save(const EntryKey& key, const std::string& bytes,
                                 std::uint64_t ifVersion, const Deed& deed);
    Expected<std::uint64_t> remove(const EntryKey& key, const Deed& deed);

 private:
    using Sites = std::map<SiteId, std::shared_ptr<const Profiles>>;

    void run();
    // Reads what is new. With storeMutex_ held.
    void refresh();
    void take(const DirectoryState& state);

    const Options options_;
    Poco::Logger& log_;
    const Changed changed_;

    std::mutex storeMutex_;
    const std::unique_ptr<DirectoryStore> store_;  // storeMutex_
    bool failing_ = false;                         // storeMutex_

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;      // mutex_
    std::uint64_t version_ = 0;  // mutex_; written with storeMutex_ held
    Sites sites_;                // mutex_; written with storeMutex_ held
    std::thread thread_;
};

}  // namespace parlor::ledger
