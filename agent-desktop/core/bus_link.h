#pragma once

#include <QObject>
#include <QPointer>
#include <QStringList>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "agent-desktop/core/timing.h"
#include "bus/bus.h"

namespace parlor::agent {

// The bus, seen from one Qt thread: everything that comes in hops to the thread this object lives
// on before anybody hears of it. All methods belong to that thread; none waits but stop().
class BusLink : public QObject {
    Q_OBJECT

 public:
    using Done = std::function<void(Expected<void>)>;

    BusLink(std::unique_ptr<bus::Bus> bus, const Timing& timing, QObject* parent = nullptr);
    // Stops the bus.
    ~BusLink() override;

    // Call once, with the receivers connected.
    void start();
    // Waits up to Timing::stop for publications under way. No signal comes afterwards. Idempotent.
    void stop();

    bool isConnected() const { return connected_; }

    // `done` may be null; it is not called once `context` is gone.
    void publish(bus::Message message, std::chrono::milliseconds timeout, QObject* context,
                 Done done);

    // Holds a subscription until drop(), granted again after every reconnect. A broker that does
    // not answer is asked again; one that refuses is reported by subscriptionRefused(). `granted`
    // runs once per time the broker granted it at our asking; not once `context` is gone.
    void keep(std::vector<std::string> filters, QObject* context, std::function<void()> granted);
    void drop(const std::vector<std::string>& filters);

 Q_SIGNALS:
    void connectedChanged(bool connected);
    void connectFailed(const parlor::Error& error);
    void subscriptionRefused(const parlor::Error& error);
    void messageArrived(const parlor::bus::Message& message);

 private:
    struct Kept {
        std::vector<std::string> filters;
        QPointer<QObject> context;
        std::function<void()> granted;
        bool confirmed = false;
        bool asking = false;
    };

    void onState(bus::State state);
    void ask(int id);
    void onAsked(int id, const Expected<void>& outcome);
    bus::Deadline deadline(std::chrono::milliseconds timeout) const;

    const std::unique_ptr<bus::Bus> bus_;
    const Timing timing_;
    bool connected_ = false;
    bool stopped_ = false;
    int nextKept_ = 1;
    std::map<int, Kept> kept_;
};

}  // namespace parlor::agent
