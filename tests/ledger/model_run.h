#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/ledger/fault_store.h"
#include "tests/ledger/model.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {

// Random conversations with repeats, crashes and lost state, held against a simple model: what
// whoever posts is told, step by step, and in the end the record and what the broker retains.
class ModelRun {
 public:
    // Sends the message, and has a ledger die after its commit, when so many of its publications
    // have arrived. Returns when the message is recorded and there is a ledger again.
    using Crash =
        std::function<void(Sender& sender, const bus::Message& message, int publications)>;

    // `faults` are those of every ledger's database.
    ModelRun(unsigned seed, bus::MemoryBroker& broker, StoreFaults& faults, Crash crash);

    // Ends early where a test's expectation fails.
    void run(int steps);

 private:
    struct Attempt {
        std::string conversation;
        Sender* sender = nullptr;
        std::string agent;
        std::vector<v1::Draft> drafts;
    };

    std::size_t pick(std::size_t count);
    v1::Draft anyDraft();
    Attempt anyAttempt();
    void step();
    void openAny();
    void postAndCompare(const Attempt& attempt);
    void takePlaceUnheard(const Attempt& attempt);
    void crashWhilePosting(const Attempt& attempt);
    void breakAfterCommit(const Attempt& attempt);
    std::vector<std::string> retainedStates();
    std::vector<std::string> expectedStates() const;

    std::mt19937 random_;
    bus::MemoryBroker& broker_;
    StoreFaults& faults_;
    const Crash crash_;
    Sender gateway_{broker_};
    Sender alice_{broker_, kAlice};
    Sender bob_{broker_, kBob};
    Model model_;
    std::vector<std::string> ids_;
    std::vector<std::string> openIds_;
    std::vector<Attempt> attempts_;
};

}  // namespace parlor::ledger::test
