#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bus/memory_bus.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::gateway::test {

// A ledger that answers by itself, without a database. Thread-safe.
class AutoLedger {
 public:
    explicit AutoLedger(bus::MemoryBroker& broker);
    // On any other broker; returns once it listens there. Throws
    // std::runtime_error where that takes over 30 s.
    explicit AutoLedger(std::unique_ptr<bus::Bus> bus);
    ~AutoLedger();

    // Takes everything in, answers nothing, publishes nothing.
    void setSilent(bool silent);
    // Fails every post and question with this from now on.
    void setFailure(std::optional<Error> failure);

    // What is recorded from now on bears a time so long ago.
    void setAge(std::chrono::milliseconds age);

    // What is recorded from now on is published with that traceparent; empty: none.
    void setTrace(std::string traceparent);

    // What becomes of every transcript that is asked for; pending at first. In these parts.
    void setTranscript(const v1::JobResponse& job, std::vector<std::string> parts = {});
    std::vector<v1::TranscriptRequest> takeTranscripts();  // asked for, repetitions included

    // Records an agent's message.
    void say(const ConversationId& conversation, const std::string& text);
    // Records that an agent took it.
    void assign(const ConversationId& conversation);
    void live(const ConversationId& conversation, const v1::Live& live,
              const std::string& party = "alice");
    std::vector<v1::Event> events(const ConversationId& conversation);
    std::size_t posts();                      // posts received, repetitions included
    std::vector<bus::Message> takeSignals();  // in/live
    std::vector<v1::Presence::State> presence(const ConversationId& conversation);
    std::vector<std::string> takeTraces();  // traceparents of posts and questions
    v1::Presence lastPresence(const ConversationId& conversation);

 private:
    void onMessage(bus::Message&& message);
    v1::Response answer(const v1::Request& request);                                  // mutex_ held
    void answerStatus(const v1::StatusRequest& request, v1::StatusResponse& status);  // likewise
    v1::Response record(const topics::VisitorIn& topic, const v1::Post& post);        // mutex_ held
    v1::Recorded append(const ConversationId& conversation, v1::Event event);         // mutex_ held
    void reply(const bus::Message& to, const v1::Response& response);

    const std::unique_ptr<bus::Bus> bus_;
    std::mutex mutex_;
    // All guarded by mutex_:
    bool silent_ = false;
    std::chrono::milliseconds age_{0};
    std::optional<Error> failure_;
    std::string traceparent_;
    std::map<std::string, std::vector<v1::Event>> events_;
    std::map<std::string, v1::Receipt> receipts_;  // by conversation and request
    std::set<std::string> jobs_;                   // likewise
    v1::JobResponse job_;
    std::vector<std::string> parts_;
    std::vector<v1::TranscriptRequest> transcripts_;
    std::size_t posts_ = 0;
    std::vector<bus::Message> signals_;
    std::vector<std::string> traces_;
    std::map<std::string, std::vector<v1::Presence>> presence_;
};

}  // namespace parlor::gateway::test
