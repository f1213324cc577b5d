#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <memory>
#include <optional>

#include "bus/bus.h"
#include "ledger/announce/agents.h"
#include "ledger/announce/announcer.h"
#include "ledger/announce/retained_sweep.h"
#include "ledger/directory/profile_keeper.h"
#include "ledger/dispatch/department_board.h"
#include "ledger/dispatch/dispatcher.h"
#include "ledger/dispatch/herald.h"
#include "ledger/history/history_service.h"
#include "ledger/intake/intake.h"
#include "ledger/metrics/drops.h"
#include "ledger/metrics/metrics.h"
#include "ledger/requests/request_service.h"
#include "ledger/search/indexer.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

// One replica of the ledger: builds its parts, feeds them from the bus, takes them down in reverse.
// start() and stop() from one thread; the questions from any.
class Ledger {
 public:
    struct Options {
        IntakeOptions intake;
        HistoryOptions history;
        DispatchOptions dispatch;
        HeraldOptions herald;
        AgentDirectory::Options agents;
        ProfileKeeper::Options directory;
        RequestOptions requests;
        IndexerOptions indexer;
        JobOptions jobs;
    };

    // The schema must be up to date. References must outlive it; nobody else starts the bus.
    Ledger(const Options& options, Store& store, bus::Bus& bus, Poco::Logger& log);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    void start();
    // Takes nothing more, records and publishes what it has, disconnects. What is left at the
    // deadline stays unconfirmed. Idempotent.
    void stop(bus::Deadline deadline);

    bool brokerConnected() const { return connected_.load(); }
    // Connected, and the broker granted every subscription.
    bool subscribed() const { return subscribed_.load(); }
    bool recording() const { return intake_.healthy(); }
    // The broker's retained state is as the record says.
    bool caughtUp() const { return herald_.caughtUp(); }
    const Metrics& metrics() const { return metrics_; }
    // Who works where: what administrators saved. Whoever fills it otherwise calls
    // directoryChanged().
    Directory& directory() { return directory_; }
    void directoryChanged(const SiteId& site);

 private:
    std::vector<std::unique_ptr<Writer>> makeWriters(std::size_t count, Store& store);
    ErasureWays erasureWays();
    void onMessage(const bus::Message& message);
    // Each: why the message was put aside, where it was.
    std::optional<Drop> onTopic(const topics::Topic& topic, const bus::Message& message);
    std::optional<Drop> onRpc(const topics::Rpc& topic, const bus::Message& message);
    std::optional<Drop> onStatus(const topics::Status& topic, const bus::Message& message);
    void onAssignment(const topics::AssignedTo& topic, const bus::Message& message);
    void onChanged(const Conversation* before, const Conversation& now);
    void onState(bus::State state);
    void onProfiles(const SiteId& site, const Profiles& profiles);
    void subscribe();

    bus::Bus& bus_;
    Poco::Logger& log_;
    Metrics metrics_;
    Drops drops_;
    RequestLog requestLog_;
    AgentDirectory agents_;
    Directory directory_;
    Desk desk_;
    Announcer announcer_;
    Herald herald_;
    DepartmentBoard departments_;
    Dispatcher dispatcher_;
    HistoryService history_;
    Indexer indexer_;
    Intake intake_;
    RetainedSweep retained_;
    ProfileKeeper profiles_;
    JobRunner jobs_;
    RequestService requests_;
    std::atomic<bool> connected_{false};
    std::atomic<bool> subscribed_{false};
    bool stopped_ = false;  // start() and stop() only
};

}  // namespace parlor::ledger
