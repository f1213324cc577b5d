#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/session.h"

namespace parlor::bus::client {

// The filters a client keeps, and the SUBSCRIBE and UNSUBSCRIBE packets on their way: many filters
// a packet, several packets in flight. Not thread-safe.
class Subscriptions {
 public:
    void subscribe(std::uint64_t operation, std::vector<std::string> filters, Qos qos,
                   DoneHandler done);
    void unsubscribe(std::uint64_t operation, const std::vector<std::string>& filters,
                     bool connected, DoneHandler done);

    // A new connection: all kept filters come first. restored() says when they are granted.
    void restore();
    bool restored() const { return toRestore_ == 0; }
    // Why not all of them will be granted, where the connection is of no use for that.
    const std::optional<Error>& restoreFailure() const { return restoreFailure_; }

    // Sends packets as long as there are not too many in flight. False where the connection turns
    // out to be gone.
    bool send(Session& session);
    void onGranted(const Granted& granted);
    // The connection is gone: what is to be subscribed waits for the next, what was to be
    // unsubscribed is.
    void onBroken();
    void expire(std::uint64_t operation, bool connected);
    void failAll(const Error& error);

    bool awaitsAnswer() const { return !inFlight_.empty(); }
    std::uint64_t answers() const { return answers_; }
    bool waits(std::uint64_t operation) const { return operations_.contains(operation); }
    std::size_t size() const { return operations_.size(); }

 private:
    enum class Kind { restore, subscribe, unsubscribe };
    struct Packet {
        Kind kind;
        std::uint64_t operation;  // 0: nobody waits for it
        Qos qos;
        std::vector<std::string> filters;
    };
    struct Filter {
        Qos qos;
        bool kept = false;        // granted
        std::uint64_t asked = 0;  // the newest operation that subscribes it
    };
    struct Operation {
        bool subscribes;
        bool sent = false;
        std::size_t packetsLeft = 0;
        std::vector<std::string> filters;  // of a subscribe
        std::optional<Error> failure;      // the first
        DoneHandler done;
    };

    static constexpr std::size_t kFiltersPerPacket = 100;
    static constexpr std::size_t kPacketsInFlight = 16;

    void enqueue(Kind kind, std::uint64_t operation, Qos qos, std::vector<std::string> filters);
    bool sendOne(Session& session, Packet packet);
    void dropUnwanted(Packet& packet) const;
    void settle(const Packet& packet, const std::string& filter, int reason);
    void packetDone(const Packet& packet);
    void finish(std::uint64_t operation, const Expected<void>& result);

    std::unordered_map<std::string, Filter> filters_;
    std::unordered_map<std::uint64_t, Operation> operations_;
    std::deque<Packet> queue_;
    std::unordered_map<std::uint64_t, Packet> inFlight_;
    std::uint64_t nextPacket_ = 1;
    std::uint64_t answers_ = 0;
    std::size_t toRestore_ = 0;  // packets
    std::optional<Error> restoreFailure_;
};

}  // namespace parlor::bus::client
