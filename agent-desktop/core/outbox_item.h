#pragma once

#include <QtGlobal>
#include <optional>

#include "proto/codec.h"

namespace parlor::agent {

// One draft on its way to the record.
struct OutboxItem {
    enum class State {
        waiting,   // for a connection, or behind others of its conversation
        sending,   // in the post under way, or about to be posted again
        recorded,  // confirmed by its receipt; its event has not been shown yet
        failed,    // see `failure`; kept until a person retries or discards it
    };

    ConversationId conversation;
    RequestId request;
    v1::Draft draft;
    qint64 createdAtMs = 0;  // Unix time, this computer's clock
    State state = State::waiting;
    int attempts = 0;  // posts that were not answered
    std::optional<Error> failure;

    // A person waits for it, and would not want it to happen long after.
    bool isCommand() const {
        return draft.has_accept() || draft.has_decline() || draft.has_transfer() ||
               draft.has_take_over() || draft.has_prioritize() || draft.has_join() ||
               draft.has_leave();
    }
    // What a person wrote or decided outlives this program; signals of the moment do not.
    bool isLasting() const { return draft.has_message() || draft.has_note() || draft.has_close(); }
};

}  // namespace parlor::agent
