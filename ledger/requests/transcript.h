#pragma once

// A conversation to be read by people or programs.

#include <string>
#include <vector>

#include "parlor/v1/event.pb.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

// The media type of what transcript() makes.
std::string contentTypeOf(v1::TranscriptRequest::Format format);

// Takes out of an event of the shared stream what gateways show no visitor of it.
void leaveForVisitors(v1::Event& event);

// A whole conversation, as verifyExport() reads it.
std::string recordText(const v1::RecordedConversation& record);

// The events, in their order. Whatever people wrote is escaped as the format wants it.
std::string transcript(const std::vector<v1::Event>& events, v1::TranscriptRequest::Format format,
                       v1::TranscriptRequest::Language language);

}  // namespace parlor::ledger
