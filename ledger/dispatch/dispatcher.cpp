#include "ledger/dispatch/dispatcher.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::chrono::milliseconds kRetry{500};
// The most that a conversation is left alone whose commands are refused; the least is a sweep.
constexpr std::chrono::milliseconds kLongestBackoff = std::chrono::minutes(1);
constexpr std::uint32_t kPage = 256;  // of a department's queue that is looked at
constexpr std::uint32_t kSilentPage = 64;
constexpr std::uint32_t kUsualOfferTimeoutS = 30;

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool isAutomatic(const v1::DepartmentProfile& profile) {
    return profile.routing() != v1::ROUTING_UNSPECIFIED && profile.routing() != v1::ROUTING_MANUAL;
}

std::int64_t offerTimeoutMs(const v1::DepartmentProfile& profile) {
    const auto seconds =
        profile.offer_timeout_s() == 0 ? kUsualOfferTimeoutS : profile.offer_timeout_s();
    return std::int64_t{1000} * seconds;
}

}  // namespace

Dispatcher::Dispatcher(const DispatchOptions& options, std::unique_ptr<DispatchReader> reader,
                       const Desk& desk, Submit submit, Poco::Logger& log)
    : options_(options),
      reader_(std::move(reader)),
      desk_(desk),
      submit_(std::move(submit)),
      log_(log) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::start() {
    thread_ = std::thread([this] { run(); });
}

void Dispatcher::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Dispatcher::changed(const SiteId& site) {
    {
        const std::scoped_lock lock(mutex_);
        if (!changed_.insert(site).second) return;
    }
    wake_.notify_all();
}

void Dispatcher::run() {
    auto nextSweep = Clock::now();
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || underWay_ == 0; });
        wake_.wait_until(lock, nextSweep, [&] { return stopping_ || !changed_.empty(); });
        if (stopping_) return;
        auto sites = std::exchange(changed_, {});
        lock.unlock();
        const auto now = Clock::now();
        bool full = false;
        if (now >= nextSweep) {
            nextSweep = now + options_.sweep;
            full = now >= nextFullSweep_;
            sites.merge(dueSites(full));
        }
        const bool done = work(sites, full);
        lock.lock();
        if (done) continue;
        changed_.merge(sites);
        wake_.wait_for(lock, kRetry, [&] { return stopping_; });
    }
}

bool Dispatcher::isUnderWay() {
    const std::scoped_lock lock(mutex_);
    return underWay_ > 0;
}

bool Dispatcher::work(const std::set<SiteId>& sites, bool full) {
    if (!releaseAbsent()) return false;
    if (full) {
        if (!closeSilent()) return false;
        nextFullSweep_ = Clock::now() + options_.fullSweep;
        forgetFailures();
    }
    if (isUnderWay()) {
        // What comes back to the queue may have to go before what is in it.
        const std::scoped_lock lock(mutex_);
        changed_.insert(sites.begin(), sites.end());
        return true;
    }
    return std::all_of(sites.begin(), sites.end(), [&](const SiteId& site) { return route(site); });
}

// Sites with an offer that ran out; all that dispatch by themselves.
std::set<SiteId> Dispatcher::dueSites(bool full) const {
    std::set<SiteId> due;
    for (const auto& [site, atMs] : nextEndMs_) {
        if (atMs <= unixMs()) due.insert(site);
    }
    if (!full) return due;
    for (auto& site : desk_.directory().sites()) due.insert(std::move(site));
    return due;
}

bool Dispatcher::route(const SiteId& site) {
    const auto directory = desk_.directory().at(site);
    if (directory->departments.empty()) return true;
    if (!endOffers(site)) return false;
    if (isUnderWay()) {
        changed(site);
        return true;
    }
    std::vector<Candidate> candidates;
    std::vector<Conversation> rows;
    if (!findRoom(site, *directory, candidates)) return false;
    if (candidates.empty()) return true;
    if (!findWaiting(site, *directory, rows)) return false;
    removeLeftAlone(rows);
    if (rows.empty()) return true;
    // Counted again: what another replica has offered since is no longer in the queue, and by the
    // first count its place would go to somebody younger.
    if (!findRoom(site, *directory, candidates)) return false;
    std::vector<Waiting> waiting;
    for (const auto& row : rows) {
        waiting.push_back({&row, &directory->departments.at(row.department).profile, row.agent});
        if (!findServedBefore(waiting.back())) return false;
    }
    const auto nowMs = unixMs();
    for (const auto& match : ledger::route(std::move(waiting), std::move(candidates), nowMs)) {
        const auto& profile = directory->departments.at(match.row->department).profile;
        const auto untilMs = nowMs + offerTimeoutMs(profile);
        send(*match.row, MakeOffer{match.agent, untilMs});
        lookAtOffers(site, untilMs);
    }
    return true;
}

bool Dispatcher::endOffers(const SiteId& site) {
    const auto rows = reader_->offered(site);
    if (!rows) return false;
    const auto nowMs = unixMs();
    // One that is still to come stays, though no row says so: looking once too often does no harm.
    std::erase_if(nextEndMs_,
                  [&](const auto& end) { return end.first == site && end.second <= nowMs; });
    for (const auto& row : *rows) {
        if (!row.offer) continue;
        const auto& [agent, untilMs] = *row.offer;
        const bool ends =
            untilMs <= nowMs || !desk_.isOnline(site, agent) || desk_.isDisabled(site, agent);
        const auto left = leftAlone(row.id);
        if (ends && left.count() == 0) send(row, EndOffer{agent});
        // One that ends once more, at the next sweep: the command may be in vain.
        lookAtOffers(site, ends ? nowMs + left.count() : untilMs);
    }
    return true;
}

void Dispatcher::lookAtOffers(const SiteId& site, std::int64_t atMs) {
    auto& next = nextEndMs_.try_emplace(site, atMs).first->second;
    next = std::min(next, atMs);
}

bool Dispatcher::findRoom(const SiteId& site, const SiteDirectory& directory,
                          std::vector<Candidate>& candidates) {
    candidates.clear();
    std::vector<AgentKey> keys;
    for (const auto& agent : desk_.agents().onlineAgents(site)) keys.push_back({site, agent});
    if (keys.empty()) return true;
    const auto loads = reader_->loads(keys);
    if (!loads) return false;
    for (const auto& key : keys) {
        const auto profile = directory.agents.find(key.agent);
        const Candidate candidate{
            .id = key.agent,
            .profile = profile == directory.agents.end() ? nullptr : &profile->second,
            .capacity = desk_.capacity(site, key.agent),
            .load = loads->at(key),
            .givenAtMs = desk_.agents().presence(site, key.agent).givenAtMs};
        if (candidate.load < candidate.capacity) candidates.push_back(candidate);
    }
    return true;
}

bool Dispatcher::findWaiting(const SiteId& site, const SiteDirectory& directory,
                             std::vector<Conversation>& rows) {
    const auto nowMs = unixMs();
    for (const auto& [id, entry] : directory.departments) {
        if (!isAutomatic(entry.profile) || !entry.hours.isOpen(nowMs)) continue;
        auto found = reader_->unoffered(site, id, kPage);
        if (!found) return false;
        rows.insert(rows.end(), std::make_move_iterator(found->begin()),
                    std::make_move_iterator(found->end()));
    }
    return true;
}

bool Dispatcher::findServedBefore(Waiting& waiting) {
    const bool wanted = waiting.department->routing() == v1::ROUTING_STICKY;
    if (!wanted || waiting.servedBy || waiting.row->visitorEmail.empty()) return true;
    const auto agent = reader_->lastServed(waiting.row->site, waiting.row->visitorEmail);
    if (!agent) return false;
    waiting.servedBy = *agent;
    return true;
}

struct Dispatcher::Gone {
    SiteId site;
    AgentId agent;
    Clock::time_point since;     // nothing where it is disabled
    std::int64_t givenAtMs = 0;  // Unix time
    std::string_view how;        // for the log: what visitors are told is the same
};

// Who is to lose what it has: the disabled, and those who have been offline for too long.
std::vector<Dispatcher::Gone> Dispatcher::gone() const {
    std::vector<Gone> gone;
    for (const auto& site : desk_.directory().sites()) {
        const auto directory = desk_.directory().at(site);  // may be replaced meanwhile
        for (const auto& [agent, profile] : directory->agents) {
            if (!profile.disabled()) continue;
            const auto givenAtMs = desk_.agents().presence(site, agent).givenAtMs;
            gone.push_back({site, agent, {}, givenAtMs, "disabled"});
        }
    }
    const auto now = desk_.agents().now();
    for (const auto& absent : desk_.agents().absent()) {
        if (now < absent.since + options_.grace) continue;
        if (desk_.isDisabled(absent.site, absent.agent)) continue;
        gone.push_back({absent.site, absent.agent, absent.since, absent.givenAtMs, "offline"});
    }
    return gone;
}

bool Dispatcher::releaseAbsent() {
    for (const auto& each : gone()) {
        const std::pair key{each.site, each.agent};
        const std::pair stand{each.since, each.givenAtMs};
        const auto known = released_.find(key);
        if (known != released_.end() && known->second == stand) continue;
        auto rows = reader_->heldBy({each.site, each.agent});
        if (!rows) return false;
        // Dealt with once nothing is left: what is under way now may be in vain.
        if (rows->empty()) released_.insert_or_assign(key, stand);
        removeLeftAlone(*rows);
        for (const auto& row : *rows) send(row, Release{each.agent, "offline"});
        if (!rows->empty()) {
            poco_information(log_, "agent " + std::string(each.how) +
                                       ", conversations released agent=" + each.agent.str() +
                                       " count=" + std::to_string(rows->size()));
        }
    }
    return true;
}

bool Dispatcher::closeSilent() {
    for (const auto& site : desk_.directory().sites()) {
        const auto directory = desk_.directory().at(site);  // may be replaced meanwhile
        for (const auto& [id, entry] : directory->departments) {
            if (entry.profile.auto_close_s() == 0) continue;
            const auto before = unixMs() - std::int64_t{1000} * entry.profile.auto_close_s();
            auto rows = reader_->silent(site, id, before, kSilentPage);
            if (!rows) return false;
            removeLeftAlone(*rows);
            for (const auto& row : *rows) send(row, CloseSilent{before});
        }
    }
    return true;
}

template <class What>
void Dispatcher::send(const Conversation& row, What what) {
    {
        const std::scoped_lock lock(mutex_);
        ++underWay_;
    }
    // However the command ends, it lets go of this.
    std::shared_ptr<Ticket> ticket(new Ticket, [this, site = row.site, id = row.id](Ticket* each) {
        const std::unique_ptr<Ticket> owned(each);
        done(site, id, owned->outcome);
    });
    submit_({row.site, row.id, row.fence, std::move(what), std::move(ticket)});
}

void Dispatcher::done(const SiteId& site, const ConversationId& conversation,
                      Ticket::Outcome outcome) {
    constexpr int kMostDoublings = 16;
    {
        const std::scoped_lock lock(mutex_);
        --underWay_;
        if (outcome == Ticket::Outcome::decided) {
            failures_.erase(conversation);
        } else {
            auto& failures = failures_[conversation];
            auto backoff = options_.sweep;
            if (outcome == Ticket::Outcome::refused) {
                backoff *= 1 << std::min(failures.refusals++, kMostDoublings);
            }
            failures.until = Clock::now() + std::min(backoff, kLongestBackoff);
            changed_.insert(site);  // whom it was to be given to is free for another
        }
    }
    wake_.notify_all();
}

std::chrono::milliseconds Dispatcher::leftAlone(const ConversationId& conversation) {
    const std::scoped_lock lock(mutex_);
    const auto at = failures_.find(conversation);
    if (at == failures_.end()) return std::chrono::milliseconds(0);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at->second.until - Clock::now());
    return std::max(left, std::chrono::milliseconds(0));
}

void Dispatcher::removeLeftAlone(std::vector<Conversation>& rows) {
    std::erase_if(rows, [this](const Conversation& row) { return leftAlone(row.id).count() > 0; });
}

// Those that nobody has tried again for long: they have come to something else.
void Dispatcher::forgetFailures() {
    const std::scoped_lock lock(mutex_);
    std::erase_if(failures_, [](const auto& each) {
        return each.second.until + kLongestBackoff < Clock::now();
    });
}

}  // namespace parlor::ledger
