#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "ledger/store/store.h"

namespace parlor::ledger {

// A writer that tells how long each of its transactions took, and which conversations have got
// events by it, once they are on disk. As its inner one.
class WatchedWriter final : public Writer {
 public:
    using Clock = std::chrono::steady_clock;
    using Recorded = std::function<void(const std::vector<ConversationId>&, Clock::duration)>;

    WatchedWriter(std::unique_ptr<Writer> inner, Recorded recorded)
        : inner_(std::move(inner)), recorded_(std::move(recorded)) {}

    Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) override {
        const auto begin = Clock::now();
        std::vector<ConversationId> ids;
        auto done = inner_->record(scope, snapshot, [&]() -> const Changes& {
            const Changes& changes = decide();
            ids.clear();
            for (const auto& event : changes.events) {
                // Events of one conversation mostly stand together.
                if (ids.empty() || ids.back() != event.key.conversation) {
                    ids.push_back(event.key.conversation);
                }
            }
            return changes;
        });
        if (!done) ids.clear();
        recorded_(ids, Clock::now() - begin);
        return done;
    }

 private:
    const std::unique_ptr<Writer> inner_;
    const Recorded recorded_;
};

}  // namespace parlor::ledger
