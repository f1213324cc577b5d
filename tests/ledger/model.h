#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parlor/v1/post.pb.h"

namespace parlor::ledger::test {

// The simplest ledger that could be right, to hold the real one against.
class Model {
 public:
    // What became of a draft: a place, or why not.
    struct Outcome {
        v1::ErrorCode error = v1::ERROR_CODE_UNSPECIFIED;
        v1::Stream stream = v1::STREAM_UNSPECIFIED;
        std::uint64_t seq = 0;
        bool operator==(const Outcome&) const = default;
    };
    struct Recorded {
        std::string requestId;  // "" for what the ledger adds of its own
        std::string author;     // "" for the visitor
        std::string kind;       // "message", "assigned", …
    };
    struct Conversation {
        std::vector<Recorded> shared;
        std::vector<Recorded> staff;
        std::string holder;
        std::string lastHolder;
        std::size_t assignedSeq = 0;
        bool closed = false;
        std::map<std::string, Outcome> outcomes;  // of what was recorded, by request
        bool waiting() const { return !closed && holder.empty(); }
    };

    Outcome open(const std::string& conversation, const std::string& requestId);
    // `agent` is "" for the visitor.
    Outcome post(const std::string& conversation, const std::string& agent, const v1::Draft& draft);
    const std::map<std::string, Conversation>& conversations() const { return conversations_; }

 private:
    static Outcome record(Conversation& at, v1::Stream stream, Recorded event);

    std::map<std::string, Conversation> conversations_;
};

}  // namespace parlor::ledger::test
