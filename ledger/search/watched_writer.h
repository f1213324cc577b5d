#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ledger/store/store.h"

namespace parlor::ledger {

// A writer that tells which conversations got events, once they are on disk. As its inner one.
class WatchedWriter final : public Writer {
 public:
    using Advanced = std::function<void(const std::vector<ConversationId>&)>;

    WatchedWriter(std::unique_ptr<Writer> inner, Advanced advanced)
        : inner_(std::move(inner)), advanced_(std::move(advanced)) {}

    Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) override {
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
        if (done && !ids.empty()) advanced_(ids);
        return done;
    }

 private:
    const std::unique_ptr<Writer> inner_;
    const Advanced advanced_;
};

}  // namespace parlor::ledger
