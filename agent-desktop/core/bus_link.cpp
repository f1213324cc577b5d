#include "agent-desktop/core/bus_link.h"

#include <QTimer>
#include <algorithm>
#include <utility>

namespace parlor::agent {

BusLink::BusLink(std::unique_ptr<bus::Bus> bus, const Timing& timing, QObject* parent)
    : QObject(parent), bus_(std::move(bus)), timing_(timing) {}

BusLink::~BusLink() { stop(); }

void BusLink::start() {
    // The bus calls these on its own thread. They only post to ours; `this` outlives them because
    // stop() returns after the last one.
    bus::Handlers handlers;
    handlers.onMessage = [this](bus::Message&& message) {
        QMetaObject::invokeMethod(
            this,
            [this, message = std::move(message)] {
                if (!stopped_) Q_EMIT messageArrived(message);
            },
            Qt::QueuedConnection);
    };
    handlers.onState = [this](bus::State state) {
        QMetaObject::invokeMethod(this, [this, state] { onState(state); }, Qt::QueuedConnection);
    };
    handlers.onConnectFailed = [this](const Error& error) {
        QMetaObject::invokeMethod(
            this,
            [this, error] {
                if (!stopped_) Q_EMIT connectFailed(error);
            },
            Qt::QueuedConnection);
    };
    bus_->start(std::move(handlers));
}

void BusLink::stop() {
    if (stopped_) return;
    stopped_ = true;
    connected_ = false;
    bus_->stop(deadline(timing_.stop));
}

void BusLink::publish(bus::Message message, std::chrono::milliseconds timeout, QObject* context,
                      Done done) {
    bus::DoneHandler handler;
    if (done) {
        handler = [this, guard = QPointer<QObject>(context),
                   done = std::move(done)](const Expected<void>& outcome) {
            QMetaObject::invokeMethod(
                this,
                [guard, done, outcome] {
                    if (guard) done(outcome);
                },
                Qt::QueuedConnection);
        };
    }
    bus_->publish(std::move(message), std::move(handler), deadline(timeout));
}

void BusLink::keep(std::vector<std::string> filters, QObject* context,
                   std::function<void()> granted) {
    const int id = nextKept_++;
    kept_[id] = Kept{std::move(filters), context, std::move(granted)};
    if (connected_) ask(id);
}

void BusLink::drop(const std::vector<std::string>& filters) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& entry) {
        return entry.second.filters == filters;
    });
    if (found == kept_.end()) return;
    kept_.erase(found);
    if (!stopped_) bus_->unsubscribe(filters, nullptr, deadline(timing_.subscribe));
}

void BusLink::onState(bus::State state) {
    const bool now = state == bus::State::connected;
    if (stopped_ || now == connected_) return;
    connected_ = now;
    if (now) {
        for (auto& [id, kept] : kept_) {
            // What was granted before is subscribed again by the adapter itself.
            if (!kept.confirmed) ask(id);
        }
    }
    Q_EMIT connectedChanged(now);
}

void BusLink::ask(int id) {
    Kept& kept = kept_.at(id);
    if (kept.asking) return;
    kept.asking = true;
    bus_->subscribe(
        kept.filters, bus::Qos::atLeastOnce,
        [this, id](const Expected<void>& outcome) {
            QMetaObject::invokeMethod(
                this, [this, id, outcome] { onAsked(id, outcome); }, Qt::QueuedConnection);
        },
        deadline(timing_.subscribe));
}

void BusLink::onAsked(int id, const Expected<void>& outcome) {
    const auto found = kept_.find(id);
    if (stopped_ || found == kept_.end()) return;
    Kept& kept = found->second;
    kept.asking = false;
    if (outcome) {
        kept.confirmed = true;
        if (kept.granted && kept.context) kept.granted();
        return;
    }
    if (outcome.error().code == Errc::forbidden || outcome.error().code == Errc::malformed) {
        const Error error = outcome.error();
        kept_.erase(found);
        Q_EMIT subscriptionRefused(error);
        return;
    }
    QTimer::singleShot(backoff(timing_, 2), this, [this, id] {
        if (connected_ && kept_.contains(id)) ask(id);
    });
}

bus::Deadline BusLink::deadline(std::chrono::milliseconds timeout) const {
    return bus::Clock::now() + timeout;
}

}  // namespace parlor::agent
