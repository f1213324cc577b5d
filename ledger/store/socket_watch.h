#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace parlor::ledger {

// Ends calls to a database server that does not answer. Its client libraries wait without end where
// the server's process stands still and its machine goes on taking what is sent: no setting of
// theirs helps that Poco could pass on. So the socket is shut down, which they take for a lost
// connection. Thread-safe; must outlive its sockets.
class SocketWatch {
 public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kNoLimit = std::chrono::milliseconds::max();

    SocketWatch() = default;
    ~SocketWatch();
    SocketWatch(const SocketWatch&) = delete;
    SocketWatch& operator=(const SocketWatch&) = delete;

    // From `end` on no call goes on, and none begins.
    void endAt(Clock::time_point end);
    Clock::time_point end() const { return end_.load(); }

    // The socket of a connection, watched until this goes, which is before it is closed. Its calls
    // are made by one thread.
    class Socket {
     public:
        // `limit`: of each call, give or take kStep.
        Socket(SocketWatch& watch, int descriptor, std::chrono::milliseconds limit);
        ~Socket();
        Socket(const Socket&) = delete;
        Socket& operator=(const Socket&) = delete;

        // Whether a call has been ended: then the connection is of no use any more.
        bool isCut() const { return cut_.load(); }
        void cut();

     private:
        friend class SocketWatch;

        SocketWatch& watch_;
        const int descriptor_;
        const std::chrono::milliseconds limit_;
        std::atomic<Clock::time_point> due_{kIdle};
        std::atomic<bool> cut_{false};
    };

    // A call that is under way as long as this lives. Without a socket it has no limit.
    class Call {
     public:
        // Throws Poco::IllegalStateException when it is the end.
        explicit Call(Socket* socket);
        ~Call();
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

     private:
        Socket* const socket_;
    };

 private:
    static constexpr Clock::time_point kIdle = Clock::time_point::max();
    static constexpr std::chrono::milliseconds kStep{500};

    void run();
    void cutOverdue();  // with mutex_ held

    std::atomic<Clock::time_point> end_{Clock::time_point::max()};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::set<Socket*> sockets_;  // mutex_
    bool stopping_ = false;      // mutex_
    std::thread thread_;         // mutex_; begins with the first socket
};

}  // namespace parlor::ledger
