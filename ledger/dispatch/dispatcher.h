#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/dispatch/command.h"
#include "ledger/dispatch/desk.h"
#include "ledger/dispatch/routing.h"
#include "ledger/store/dispatch_reader.h"

namespace parlor::ledger {

struct DispatchOptions {
    // How long an agent may be offline before its conversations go back to the queue.
    std::chrono::milliseconds grace{30'000};
    // How often it looks for what no event tells of: offers that ran out, agents gone for too long.
    std::chrono::milliseconds sweep{1'000};
    // How often it looks at everything: opening hours, silence, what a replica that died left.
    std::chrono::milliseconds fullSweep{5'000};
};

// Finds agents for those who wait, ends offers that ran out, and takes conversations back from
// agents who are gone. It only proposes: its commands are carried out, or not, under the lock of
// the conversation's row, so that any number of replicas may dispatch side by side. While its
// commands are under way it plans nothing, and then plans from what has become of them. A
// conversation whose command was lost is left alone until the next sweep, one whose commands the
// database refuses longer each time; the others are planned without it.
//
// changed() may be called from any thread; the rest happens on a thread of its own.
class Dispatcher {
 public:
    // Takes a command; any thread. It says in the ticket what came of it, and lets go of it.
    using Submit = std::function<void(Command)>;

    // References must outlive it, and it the commands' tickets.
    Dispatcher(const DispatchOptions& options, std::unique_ptr<DispatchReader> reader,
               const Desk& desk, Submit submit, Poco::Logger& log);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    void start();
    void stop();

    // Something about the site's queues, agents or directory changed.
    void changed(const SiteId& site);

 private:
    using Clock = std::chrono::steady_clock;

    void run();
    // True while commands are under way: what is in the database is about to change.
    bool isUnderWay();
    // Each is false where the database is away. `full`: everything is looked at.
    bool work(const std::set<SiteId>& sites, bool full);
    bool route(const SiteId& site);
    bool endOffers(const SiteId& site);
    bool findRoom(const SiteId& site, const SiteDirectory& directory,
                  std::vector<Candidate>& candidates);
    bool findWaiting(const SiteId& site, const SiteDirectory& directory,
                     std::vector<Conversation>& rows);
    bool findServedBefore(Waiting& waiting);
    struct Gone;
    std::vector<Gone> gone() const;
    bool releaseAbsent();
    bool closeSilent();
    std::set<SiteId> dueSites(bool full) const;
    // How long the conversation is still to be left alone; 0: not.
    std::chrono::milliseconds leftAlone(const ConversationId& conversation);
    void removeLeftAlone(std::vector<Conversation>& rows);
    void forgetFailures();
    void lookAtOffers(const SiteId& site, std::int64_t atMs);
    template <class What>
    void send(const Conversation& row, What what);
    void done(const SiteId& site, const ConversationId& conversation, Ticket::Outcome outcome);

    const DispatchOptions options_;
    const std::unique_ptr<DispatchReader> reader_;  // thread_ only
    const Desk& desk_;
    const Submit submit_;
    Poco::Logger& log_;

    // thread_ only
    std::map<SiteId, std::int64_t> nextEndMs_;  // when offers are to be looked at
    // Absent or disabled agents who have nothing left: since when, and what they were given last
    // before.
    std::map<std::pair<SiteId, AgentId>, std::pair<Clock::time_point, std::int64_t>> released_;
    Clock::time_point nextFullSweep_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::set<SiteId> changed_;  // mutex_
    std::size_t underWay_ = 0;  // mutex_; commands
    struct Failures {
        int refusals = 0;         // in a row
        Clock::time_point until;  // the next try
    };
    std::map<ConversationId, Failures> failures_;  // mutex_
    bool stopping_ = false;                        // mutex_
    std::thread thread_;
};

}  // namespace parlor::ledger
