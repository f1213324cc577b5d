#pragma once

#include <memory>
#include <string>

#include "parlor/v1/post.pb.h"
#include "proto/ids.h"

namespace parlor::test {

class Stack;

// An agent reduced to MQTT, for as many conversations at once as there are threads: online, with
// room for thousands. Thread-safe.
class StaffClient {
 public:
    // Signs in and waits until it is connected; throws std::runtime_error where it is not.
    StaffClient(Stack& stack, const std::string& agent);
    ~StaffClient();
    StaffClient(const StaffClient&) = delete;
    StaffClient& operator=(const StaffClient&) = delete;

    // Each repeats its draft until there is a receipt, for at most 60 s; then, and for a draft that
    // fails, it throws std::runtime_error. The sequence number of what was recorded.
    std::uint64_t accept(const ConversationId& conversation);
    std::uint64_t say(const ConversationId& conversation, const std::string& text);
    std::uint64_t note(const ConversationId& conversation, const std::string& text);

 private:
    struct Impl;

    std::uint64_t record(const ConversationId& conversation, v1::Draft draft);

    std::unique_ptr<Impl> impl_;
};

}  // namespace parlor::test
