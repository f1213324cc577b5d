#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ledger/announce/retained_sweep.h"
#include "ledger/requests/awaiter.h"
#include "ledger/store/store.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

// What an erasure asks of the rest of the ledger. Answers may come from any thread, at any time;
// all but `retained` answer in the end, unless the broker stays away.
struct ErasureWays {
    // Closes the conversation as its row says that it stands; false: not tried.
    std::function<void(const Conversation& row, std::function<void(bool)> done)> close;
    // Publishes what the broker retains of the conversation again.
    std::function<void(const ConversationId&, std::function<void()> told)> republish;
    // See RetainedSweep.
    std::function<void(const SiteId&, const ConversationId&, RetainedSweep::Found)> retained;
};

// Erases what visitors said and who they were: closes what is open, removes it from the database,
// has the broker forget it, and looks whether anything is left. One thread, which it keeps waiting.
class VisitorErasure {
 public:
    // References must outlive it.
    VisitorErasure(Store& store, JobStore& jobs, Reader& reader, Eraser& eraser, ErasureWays ways,
                   Awaiter& awaiter);

    // Goes on where the job was cut off. unavailable: to be tried again later.
    Expected<v1::ErasureReceipt> carryOut(const Job& job, const v1::EraseRequest& request);

 private:
    using Part = v1::ErasureReceipt::Conversation;

    Expected<std::vector<ConversationId>> find(const SiteId& site, const v1::EraseRequest& request);
    // Which conversations: as it was found out when the job was begun.
    Expected<v1::ErasureReceipt> list(const Job& job, const v1::EraseRequest& request);
    Expected<void> eraseOne(const Job& job, v1::ErasureReceipt& list, int index);
    // Content, in the database; closes it before where it is open.
    Expected<Erased> eraseContent(const Job& job, v1::ErasureReceipt& list, int index);
    Expected<void> close(const ConversationId& id);
    // What is not indexed yet would be missing in the reports' figures.
    Expected<void> catchUp(const ConversationId& id);
    // Tells the broker, and looks at what it retains then.
    Expected<void> forgetRetained(const Job& job, const ConversationId& id, Part& part);
    Expected<std::vector<bus::Message>> sweep(const SiteId& site, const ConversationId& id);
    Expected<void> keep(const Job& job, std::uint32_t number,
                        const google::protobuf::Message& piece);

    JobStore& jobs_;
    Reader& reader_;
    Eraser& eraser_;
    const std::unique_ptr<Archive> archive_;
    const std::unique_ptr<SearchIndex> index_;
    const ErasureWays ways_;
    Awaiter& awaiter_;
};

}  // namespace parlor::ledger
