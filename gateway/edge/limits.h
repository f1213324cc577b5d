#pragma once

// The bounds of the HTTP edge (docs/protocol.md, "Limits").

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parlor::gateway::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::uint32_t kHeaderBytes = 16 * 1024;
inline constexpr std::uint64_t kBodyBytes = 64 * 1024;
inline constexpr std::size_t kJsonDepth = 16;
inline constexpr seconds kReadDeadline{10};   // of headers, of a body
inline constexpr seconds kWriteDeadline{20};  // of an answer or a frame
inline constexpr seconds kIdle{75};           // of a kept connection between requests
inline constexpr seconds kMaxWait{60};        // wait= of polls
inline constexpr seconds kMaxRequestWait{25};
inline constexpr milliseconds kShortPoll{2500};  // a short poll's patience while a mailbox starts
inline constexpr seconds kReceiptWait{2};        // before a post is answered with 202
inline constexpr seconds kOpenDeadline{5};
inline constexpr seconds kStatusDeadline{3};
inline constexpr seconds kRetryAfter{2};
inline constexpr std::uint32_t kResultParts = 64;  // of what the ledger has made, 256 KiB each
// Read and thrown away after an answer that refused a request, so that the answer is not lost to a
// reset.
inline constexpr seconds kLingerTime{2};
inline constexpr std::size_t kLingerBytes = 256 * 1024;

inline constexpr seconds kSocketPing{30};
inline constexpr seconds kSocketIdle{75};   // nothing heard, no pong: close code 4003
inline constexpr seconds kFarewell{3};      // for the closing handshake, and to hear of the end
inline constexpr seconds kBusPatience{10};  // sockets stay so long without a broker: then 4004

// Of what TLS does not take. Longer than whatever waits behind it needs to give up and say so.
inline constexpr seconds kTlsWriteDeadline = kWriteDeadline + kFarewell + seconds(2);

// Transports that keep their connection.
inline constexpr std::size_t kQueueBytes = 256 * 1024;  // past it the client is too slow
inline constexpr std::size_t kLiveQueued = 16;          // more live signals: the oldest goes
inline constexpr seconds kHeartbeat{20};                // of streams, below proxies' usual 60 s

}  // namespace parlor::gateway::limits
