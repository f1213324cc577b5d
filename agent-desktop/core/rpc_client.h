#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent-desktop/core/bus_link.h"
#include "agent-desktop/core/identity.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::agent {

// Sends what the ledger answers (posts and requests), and gives each answer to who asked, by
// correlation data. Lives on the BusLink's thread.
class RpcClient : public QObject {
    Q_OBJECT

 public:
    using Handler = std::function<void(Expected<v1::Response>)>;

    RpcClient(BusLink& link, Identity identity, QObject* parent = nullptr);

    // `handler` runs exactly once, later, unless `context` is gone by then: with the answer, with
    // the ledger's failure, with `deadline` when none came in time, with `unavailable` when the
    // connection is or gets lost (the outcome is not known), or with the broker's refusal.
    void call(const topics::Topic& to, std::string payload, std::chrono::milliseconds timeout,
              QObject* context, Handler handler);

    // A message on the reply topic. Answers to nobody (late, repeated) are dropped.
    void onReply(const bus::Message& message);

 private:
    struct Call {
        QPointer<QObject> context;
        Handler handler;
        std::unique_ptr<QTimer> timer;
    };

    void finish(const std::string& correlation, const Expected<v1::Response>& outcome);
    void failAll(const Error& error);

    BusLink& link_;
    const Identity identity_;
    std::uint64_t next_ = 1;
    std::map<std::string, Call> calls_;  // by correlation data
};

}  // namespace parlor::agent
