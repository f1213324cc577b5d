#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "bus/bus.h"
#include "ledger/announce/reply_address.h"
#include "ledger/dispatch/command.h"
#include "ledger/metrics/draft_log.h"
#include "parlor/v1/post.pb.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

// A draft and its id, or what is wrong with it.
struct CheckedDraft {
    v1::Draft draft;
    Expected<RequestId> request;
};

struct CheckedOpen {
    RequestId request;
    DepartmentId department;
    v1::Visitor visitor;
};

// What asks for something to be recorded: a post, a request to open, or the ledger itself.
struct Submission {
    SiteId site;
    ConversationId conversation;
    std::optional<AgentId> agent;  // who speaks, by the topic; none: the visitor
    std::variant<std::vector<CheckedDraft>, CheckedOpen, Command> content;
    std::optional<ReplyAddress> reply;  // none for a command
    bus::Deadline giveUp;               // the sender waits no longer
    std::size_t bytes = 0;
    std::string traceparent = {};  // its message's; empty: none

    std::size_t drafts() const {
        const auto* post = std::get_if<std::vector<CheckedDraft>>(&content);
        return post == nullptr ? 1 : post->size();
    }
};

// What a message turned out to be, if not a submission: something to be put aside and counted, or
// to be refused as a whole.
struct Refusal {
    ReplyAddress reply;
    Error error;
    std::string traceparent;  // its message's; empty: none
};
using Received = std::variant<Submission, Drop, Refusal>;

// Reads a message of in/visitor, in/agent/… or rpc/open. A post keeps its drafts that are not
// valid, so that each gets its receipt.
Received receivePost(const topics::VisitorIn& topic, const bus::Message& message);
Received receivePost(const topics::AgentIn& topic, const bus::Message& message);
Received receiveOpen(const topics::Rpc& topic, const bus::Message& message);
// What dispatch wants done.
Submission toSubmission(Command command);

// What it is about, for the log.
DraftIds idsOf(const Submission& submission);
// The answer that refuses every draft of a submission alike.
v1::Response refuseAll(const Submission& submission, const Error& error);

}  // namespace parlor::ledger
