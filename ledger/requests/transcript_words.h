#pragma once

// What a transcript says of its own, in each of its languages.

#include <string>

#include "parlor/v1/event.pb.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

struct TranscriptWords {
    const char* tag;  // BCP 47
    const char* title;
    const char* visitor;  // for one without a name
    const char* system;
    const char* note;
    const char* opened;
    // {} stands for a name.
    const char* assigned;
    const char* released;
    const char* joined;
    const char* left;
    const char* toAgent;
    const char* toDepartment;
    const char* reopened;
    const char* rated;  // {}: of 5
    const char* closed;
    const char* erased;
    const char* colon;  // before what somebody said of a rating or a closing

    // One line of what happened; empty: nothing for a reader. Messages and notes are apart.
    std::string happened(const v1::Event& event) const;
};

const TranscriptWords& wordsIn(v1::TranscriptRequest::Language language);

}  // namespace parlor::ledger
