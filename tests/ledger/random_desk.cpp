#include "tests/ledger/random_desk.h"

#include <array>

namespace parlor::ledger::test {

Ledger::Options quickDispatch() {
    auto options = patientOptions();
    options.dispatch.grace = std::chrono::milliseconds(5);
    options.dispatch.sweep = std::chrono::milliseconds(10);
    return options;
}

std::size_t RandomDesk::pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}

const std::string& RandomDesk::anyDepartment() {
    return deskDepartments()[pick(deskDepartments().size())];
}

const AgentId& RandomDesk::anyAgent() { return *std::array{&kAlice, &kBob, &kCarol}[pick(3)]; }

v1::AgentStatus::State RandomDesk::anyStatus() {
    constexpr std::array kStates{v1::AgentStatus::STATE_ONLINE, v1::AgentStatus::STATE_ONLINE,
                                 v1::AgentStatus::STATE_AWAY, v1::AgentStatus::STATE_OFFLINE};
    return kStates[pick(kStates.size())];
}

v1::Draft RandomDesk::anyHandling() {
    switch (pick(11)) {
        case 0:
            return decline();
        case 1:
            return transferTo(anyAgent());
        case 2:
            return transferTo(*DepartmentId::parse(anyDepartment()), "n",
                              static_cast<std::uint32_t>(pick(3)));
        case 3:
            return takeOver();
        case 4:
            return join();
        case 5:
            return leave();
        case 6:
            return prioritize(static_cast<std::uint32_t>(pick(3)));
        case 7:
        case 8:
            return close();
        default:
            return accept();
    }
}

}  // namespace parlor::ledger::test
