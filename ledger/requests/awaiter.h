#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace parlor::ledger {

// Where one thread waits for answers that others give. They may come from any thread, and when
// nobody waits for them any more.
class Awaiter {
 public:
    // Any thread. From now on nothing is waited for but for a last moment.
    void stop() {
        {
            const std::scoped_lock lock(state_->mutex);
            state_->stopping = true;
        }
        state_->changed.notify_all();
    }
    bool isStopping() {
        const std::scoped_lock lock(state_->mutex);
        return state_->stopping;
    }

    // Calls `ask(answer)` and waits until `answer(T)` has been called; at most for `within`, and
    // once it is to stop for at most two seconds.
    template <class T, class Ask>
    std::optional<T> await(Ask&& ask, std::chrono::milliseconds within = kForEver) {
        const auto given = std::make_shared<std::optional<T>>();  // State::mutex
        std::forward<Ask>(ask)([state = state_, given](T answer) {
            {
                const std::scoped_lock lock(state->mutex);
                *given = std::move(answer);
            }
            state->changed.notify_all();
        });
        const auto isGiven = [&] { return given->has_value(); };
        std::unique_lock lock(state_->mutex);
        state_->changed.wait_for(lock, within, [&] { return isGiven() || state_->stopping; });
        if (state_->stopping) state_->changed.wait_for(lock, std::min(within, kLastWord), isGiven);
        return std::move(*given);
    }
    // False where it is to stop.
    bool rest(std::chrono::milliseconds time) {
        std::unique_lock lock(state_->mutex);
        return !state_->changed.wait_for(lock, time, [&] { return state_->stopping; });
    }

 private:
    static constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);
    static constexpr std::chrono::milliseconds kLastWord{2000};

    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool stopping = false;  // mutex
    };
    const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace parlor::ledger
