#pragma once

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QThread>
#include <memory>

#include "agent-desktop/core/actions/set_status.h"
#include "agent-desktop/core/agent_client.h"
#include "tests/agent-desktop/support/fake_ledger.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {

// Lets this thread's Qt events run until the condition holds; false when `limit` has passed.
template <class Condition>
[[nodiscard]] bool until(Condition&& condition,
                         std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const QDeadlineTimer end(limit);
    while (!condition()) {
        if (end.hasExpired()) return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QThread::usleep(200);
    }
    return true;
}

// Lets events run for a while in which nothing must happen.
inline void settle(std::chrono::milliseconds time = std::chrono::milliseconds(120)) {
    (void)until([] { return false; }, time);
}

// Waits short enough for tests, with room for a busy machine.
inline agent::Timing quickTiming() {
    using std::chrono::milliseconds;
    agent::Timing timing;
    timing.receipt = milliseconds(250);
    timing.request = milliseconds(250);
    timing.backoffMin = milliseconds(5);
    timing.backoffMax = milliseconds(20);
    timing.gap = milliseconds(30);
    timing.staleSweep = milliseconds(100);
    timing.typingRepeat = milliseconds(40);
    timing.typingTimeout = milliseconds(80);
    timing.messageAttempts = 3;
    timing.commandAttempts = 2;
    return timing;
}

inline agent::Identity identity(const std::string& agent, const std::string& name) {
    return agent::Identity{*SiteId::parse("demo"), *AgentId::parse(agent), name};
}

// A broker, a ledger by script, and agents at their desks.
class Desk {
 public:
    // Not signed in yet.
    std::unique_ptr<agent::AgentClient> makeClient(const std::string& agent,
                                                   const std::string& name,
                                                   const agent::Timing& timing = quickTiming()) {
        const auto who = identity(agent, name);
        return std::make_unique<agent::AgentClient>(
            who, broker.makeClient("agent-" + who.client.str(), agent::offlineWill(who)),
            QString::fromStdString(directory.file(agent)), timing);
    }

    TempDir directory;
    bus::MemoryBroker broker;
    FakeLedger ledger{broker, "demo"};
};

// What the timeline shows, one string a line: "visitor: hi", "me: hello", "note: …", "opened", …
std::vector<std::string> lines(agent::Conversation& conversation);
// The last of them; empty where there is none.
std::string lastLine(agent::Conversation& conversation);

}  // namespace parlor::test
