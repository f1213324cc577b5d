#pragma once

// Every deadline of a shard, in one place: a hashed timing wheel. Arming and cancelling cost a few
// pointer writes, so that each of a hundred thousand parked polls may have its deadline.

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

namespace parlor::gateway {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;
using Now = std::function<Time()>;

// A deadline that its owner holds as a member. Destroying or cancelling it takes it off the wheel.
// Not thread-safe: it belongs to its wheel's thread.
class Timer : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
    // `onExpiry` may cancel, re-arm or destroy any timer, this one included.
    explicit Timer(std::function<void()> onExpiry) : onExpiry_(std::move(onExpiry)) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void cancel() { unlink(); }
    bool armed() const { return is_linked(); }
    Time deadline() const { return deadline_; }

 private:
    friend class TimerWheel;
    const std::function<void()> onExpiry_;
    Time deadline_{};
};

// Not thread-safe. Timers still armed when it goes are taken off, not fired.
class TimerWheel {
 public:
    // How late a timer may be; how often advance() wants to be called.
    static constexpr std::chrono::milliseconds kTick{10};

    explicit TimerWheel(Now now);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    Time now() const { return now_(); }
    // Armed already: moved. A deadline that has passed fires at the next advance().
    void arm(Timer& timer, Time deadline);
    void arm(Timer& timer, Duration after) { arm(timer, now() + after); }
    // Fires what is due.
    void advance();

 private:
    using Slot = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;
    static constexpr std::size_t kSlots = 1024;

    std::int64_t tickOf(Time time) const { return (time - start_) / kTick; }
    void fireDue(Slot& slot, Time now);

    const Now now_;
    const Time start_;
    std::int64_t tick_ = 0;  // all before this one have fired
    std::array<Slot, kSlots> slots_;
};

}  // namespace parlor::gateway
