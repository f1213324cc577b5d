#pragma once

#include <random>

#include "tests/ledger/desk_state.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {

// Ledgers that notice within milliseconds who is gone and which offer ran out.
Ledger::Options quickDispatch();

// What may happen at the service desk of desk_state.h, by chance.
class RandomDesk {
 public:
    explicit RandomDesk(unsigned seed) : random_(seed) {}

    // 0 … count - 1.
    std::size_t pick(std::size_t count);
    const std::string& anyDepartment();
    const AgentId& anyAgent();
    v1::AgentStatus::State anyStatus();
    // What an agent may do to a conversation, whether it makes sense or not.
    v1::Draft anyHandling();

 private:
    std::mt19937 random_;
};

}  // namespace parlor::ledger::test
