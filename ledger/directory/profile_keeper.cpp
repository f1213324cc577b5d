#include "ledger/directory/profile_keeper.h"

#include <set>

namespace parlor::ledger {
namespace {

template <class Profile>
void add(std::map<std::string, Versioned<Profile>>& to, const DirectoryEntry& entry) {
    Profile profile;
    // What does not parse was not written by this program: as if it were not there.
    if (!profile.ParseFromString(entry.bytes)) return;
    to.insert_or_assign(entry.key.id, Versioned<Profile>{std::move(profile), entry.version});
}

// The newest version in there, and how many: the same for the same profiles.
std::pair<std::uint64_t, std::size_t> stampOf(const Profiles& profiles) {
    std::uint64_t newest = 0;
    for (const auto& [id, each] : profiles.departments) newest = std::max(newest, each.version);
    for (const auto& [id, each] : profiles.agents) newest = std::max(newest, each.version);
    for (const auto& [id, each] : profiles.replies) newest = std::max(newest, each.version);
    return {newest, profiles.departments.size() + profiles.agents.size() + profiles.replies.size()};
}

std::map<SiteId, std::shared_ptr<const Profiles>> bySite(const DirectoryState& state) {
    std::map<SiteId, Profiles> sites;
    for (const auto& entry : state.entries) {
        auto& profiles = sites[entry.key.site];
        switch (entry.key.kind) {
            case EntryKind::department:
                add(profiles.departments, entry);
                break;
            case EntryKind::agent:
                add(profiles.agents, entry);
                break;
            case EntryKind::cannedReply:
                add(profiles.replies, entry);
                break;
        }
    }
    std::map<SiteId, std::shared_ptr<const Profiles>> shared;
    for (auto& [site, profiles] : sites) {
        shared.emplace(site, std::make_shared<const Profiles>(std::move(profiles)));
    }
    return shared;
}

}  // namespace

ProfileKeeper::ProfileKeeper(const Options& options, std::unique_ptr<DirectoryStore> store,
                             Poco::Logger& log, Changed changed)
    : options_(options), log_(log), changed_(std::move(changed)), store_(std::move(store)) {}

ProfileKeeper::~ProfileKeeper() { stop(); }

void ProfileKeeper::start() {
    {
        const std::scoped_lock lock(storeMutex_);
        refresh();
    }
    thread_ = std::thread([this] { run(); });
}

void ProfileKeeper::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ProfileKeeper::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, options_.poll, [&] { return stopping_; });
            if (stopping_) return;
        }
        const std::scoped_lock lock(storeMutex_);
        refresh();
    }
}

void ProfileKeeper::refresh() {
    const auto now = store_->version();
    if (now && *now == version()) return;
    const auto state = now ? store_->all() : Expected<DirectoryState>(now.error());
    if (!state) {
        if (!failing_) {
            poco_warning(log_, "directory not read error=\"" + state.error().text + "\"");
        }
        failing_ = true;
        return;
    }
    failing_ = false;
    take(*state);
}

void ProfileKeeper::take(const DirectoryState& state) {
    static const auto kNobody = std::make_shared<const Profiles>();
    auto sites = bySite(state);
    std::set<SiteId> touched;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [site, profiles] : sites) touched.insert(site);
        for (const auto& [site, profiles] : sites_) {
            // Once known, a site stays: its entry says that there is nothing any more.
            const auto now = sites.try_emplace(site, kNobody).first->second;
            touched.insert(site);
            if (stampOf(*now) == stampOf(*profiles)) touched.erase(site);
        }
        sites_ = sites;
        version_ = state.version;
    }
    for (const auto& site : touched) changed_(site, *sites.at(site));
}

std::shared_ptr<const Profiles> ProfileKeeper::site(const SiteId& site) const {
    static const auto kNobody = std::make_shared<const Profiles>();
    const std::scoped_lock lock(mutex_);
    if (version_ == 0) return nullptr;
    const auto found = sites_.find(site);
    return found == sites_.end() ? kNobody : found->second;
}

std::uint64_t ProfileKeeper::version() const {
    const std::scoped_lock lock(mutex_);
    return version_;
}

Expected<std::uint64_t> ProfileKeeper::save(const EntryKey& key, const std::string& bytes,
                                            std::uint64_t ifVersion, const Deed& deed) {
    const std::scoped_lock lock(storeMutex_);
    auto done = store_->save(key, bytes, ifVersion, deed);
    if (done) refresh();
    return done;
}

Expected<std::uint64_t> ProfileKeeper::remove(const EntryKey& key, const Deed& deed) {
    const std::scoped_lock lock(storeMutex_);
    auto done = store_->remove(key, deed);
    if (done) refresh();
    return done;
}

}  // namespace parlor::ledger
