#pragma once

#include <atomic>
#include <cstdint>

namespace parlor::gateway {

// What visitors were answered about transcripts, by all shards.
struct TranscriptCounts {
    std::atomic<std::uint64_t> asked{0};      // taken by the ledger
    std::atomic<std::uint64_t> delivered{0};  // the file
    std::atomic<std::uint64_t> failed{0};     // why there is none
};

}  // namespace parlor::gateway
