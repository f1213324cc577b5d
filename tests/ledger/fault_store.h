#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "ledger/store/store.h"

namespace parlor::ledger::test {

struct StoreFaults {
    std::atomic<int> failBefore{0};    // so many transactions fail, nothing written
    std::atomic<int> failAfter{0};     // so many are written, but it looks as if they were not
    std::atomic<int> failLooking{0};   // so many looks for old conversations fail
    std::atomic<int> failRemoving{0};  // so many removals of them
    std::atomic<bool> shared{false};   // other replicas are said to write too
    std::atomic<int> refusals{0};      // of what refuse() says
    // Called inside each transaction, before it decides, on the writer's thread; set before use.
    std::function<void(const Scope&)> deciding;

    // Whether this one fails.
    static bool take(std::atomic<int>& left) {
        int now = left.load();
        while (now > 0 && !left.compare_exchange_weak(now, now - 1)) {
        }
        return now > 0;
    }

    // The database refuses whatever touches this conversation.
    void refuse(std::optional<ConversationId> conversation) {
        const std::scoped_lock lock(mutex);
        refused = conversation;
    }
    bool refuses(const Scope& scope) {
        const std::scoped_lock lock(mutex);
        const bool refuses = refused && std::count(scope.conversations.begin(),
                                                   scope.conversations.end(), *refused) > 0;
        if (refuses) ++refusals;
        return refuses;
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
        if (StoreFaults::take(faults_->failBefore))
            return Error{Errc::unavailable, "the connection broke"};
        if (faults_->refuses(scope)) return Error{Errc::internal, "it refuses the data"};
        auto done = inner_->record(scope, snapshot, [&]() -> const Changes& {
            if (faults_->deciding) faults_->deciding(scope);
            return decide();
        });
        if (StoreFaults::take(faults_->failAfter))
            return Error{Errc::unavailable, "the connection broke"};
        return done;
    }

 private:
    const std::unique_ptr<Writer> inner_;
    const std::shared_ptr<StoreFaults> faults_;
};

// An eraser whose connection breaks now and then.
class FaultEraser final : public Eraser {
 public:
    FaultEraser(std::unique_ptr<Eraser> inner, std::shared_ptr<StoreFaults> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}

    Expected<Erased> erase(const SiteId& site, const ConversationId& conversation,
                           const Strip& strip, const Terms& terms, const Deed& deed) override {
        return inner_->erase(site, conversation, strip, terms, deed);
    }
    Expected<std::uint64_t> left(const SiteId& site, const ConversationId& conversation,
                                 const Strip& strip, const Erased* erased) override {
        return inner_->left(site, conversation, strip, erased);
    }
    Expected<std::vector<ClosedConversation>> closedBefore(std::int64_t ms,
                                                           std::uint32_t limit) override {
        if (StoreFaults::take(faults_->failLooking)) {
            return Error{Errc::unavailable, "the connection broke"};
        }
        return inner_->closedBefore(ms, limit);
    }
    Expected<void> remove(const ClosedConversation& conversation, const Terms& terms) override {
        if (StoreFaults::take(faults_->failRemoving)) {
            return Error{Errc::unavailable, "the connection broke"};
        }
        return inner_->remove(conversation, terms);
    }
    Expected<void> forgetRefusals(std::int64_t beforeMs) override {
        return inner_->forgetRefusals(beforeMs);
    }

 private:
    const std::unique_ptr<Eraser> inner_;
    const std::shared_ptr<StoreFaults> faults_;
};

class FaultStore final : public Store {
 public:
    FaultStore(Store& inner, std::shared_ptr<StoreFaults> faults)
        : inner_(inner), faults_(std::move(faults)) {}

    Expected<void> migrate() override { return inner_.migrate(); }
    bool isShared() const override { return faults_->shared || inner_.isShared(); }
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
    std::unique_ptr<Eraser> makeEraser() override {
        return std::make_unique<FaultEraser>(inner_.makeEraser(), faults_);
    }

 private:
    Store& inner_;
    const std::shared_ptr<StoreFaults> faults_;
};

}  // namespace parlor::ledger::test
