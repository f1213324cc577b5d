#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "ledger/store/store.h"

namespace parlor::ledger::test {

struct StoreFaults {
    std::atomic<int> failBefore{0};  // so many transactions fail, nothing written
    std::atomic<int> failAfter{0};   // so many are written, but it looks as if they were not

    // The database refuses whatever touches this conversation.
    void refuse(std::optional<ConversationId> conversation) {
        const std::scoped_lock lock(mutex);
        refused = conversation;
    }
    bool refuses(const Scope& scope) {
        const std::scoped_lock lock(mutex);
        return refused &&
               std::count(scope.conversations.begin(), scope.conversations.end(), *refused) > 0;
    }

 private:
    std::mutex mutex;
    std::optional<ConversationId> refused;  // mutex
};

// A writer whose connection breaks before or after its commit.
class FaultWriter final : public Writer {
 public:
    FaultWriter(std::unique_ptr<Writer> inner, std::shared_ptr<StoreFaults> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}

    Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) override {
        if (take(faults_->failBefore)) return Error{Errc::unavailable, "the connection broke"};
        if (faults_->refuses(scope)) return Error{Errc::internal, "it refuses the data"};
        auto done = inner_->record(scope, snapshot, decide);
        if (take(faults_->failAfter)) return Error{Errc::unavailable, "the connection broke"};
        return done;
    }

 private:
    static bool take(std::atomic<int>& left) {
        int now = left.load();
        while (now > 0 && !left.compare_exchange_weak(now, now - 1)) {
        }
        return now > 0;
    }

    const std::unique_ptr<Writer> inner_;
    const std::shared_ptr<StoreFaults> faults_;
};

class FaultStore final : public Store {
 public:
    FaultStore(Store& inner, std::shared_ptr<StoreFaults> faults)
        : inner_(inner), faults_(std::move(faults)) {}

    Expected<void> migrate() override { return inner_.migrate(); }
    bool isShared() const override { return inner_.isShared(); }
    std::unique_ptr<Writer> makeWriter() override {
        return std::make_unique<FaultWriter>(inner_.makeWriter(), faults_);
    }
    std::unique_ptr<Reader> makeReader() override { return inner_.makeReader(); }
    std::unique_ptr<DispatchReader> makeDispatchReader() override {
        return inner_.makeDispatchReader();
    }
    std::unique_ptr<DirectoryStore> makeDirectory() override { return inner_.makeDirectory(); }
    std::unique_ptr<Archive> makeArchive() override { return inner_.makeArchive(); }
    std::unique_ptr<SearchIndex> makeSearchIndex() override { return inner_.makeSearchIndex(); }
    std::unique_ptr<JobStore> makeJobs() override { return inner_.makeJobs(); }
    std::unique_ptr<Eraser> makeEraser() override { return inner_.makeEraser(); }

 private:
    Store& inner_;
    const std::shared_ptr<StoreFaults> faults_;
};

}  // namespace parlor::ledger::test
