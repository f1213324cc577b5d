#pragma once

// Asks the ledger, over the broker, as the command line tool: an administrator of every site.

#include <memory>
#include <string>

#include "bus/bus.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/topics.h"

namespace parlor::admin {

// Calls wait; one at a time, from one thread.
class LedgerClient {
 public:
    LedgerClient(std::unique_ptr<bus::Bus> bus, const SiteId& site);
    ~LedgerClient();
    LedgerClient(const LedgerClient&) = delete;
    LedgerClient& operator=(const LedgerClient&) = delete;

    // forbidden where the broker refuses the account, unavailable where nobody answers.
    Expected<void> connect(bus::Deadline deadline);
    // The answer; a failure that the ledger answers with is the call's. deadline where no ledger
    // answers: then it is not known what was done.
    Expected<v1::Response> call(topics::Method method, const v1::Request& request,
                                bus::Deadline deadline);
    // Awaits a job that call() began, and puts its result together.
    Expected<std::string> result(const std::string& job, bus::Deadline deadline);

 private:
    class Inbox;
    const SiteId site_;
    const ClientId name_;
    const std::shared_ptr<Inbox> inbox_;
    const std::unique_ptr<bus::Bus> bus_;
};

}  // namespace parlor::admin
