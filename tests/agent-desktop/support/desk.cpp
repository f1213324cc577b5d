#include "tests/agent-desktop/support/desk.h"

namespace parlor::test {

using agent::TimelineEntry;

std::vector<std::string> lines(agent::Conversation& conversation) {
    std::vector<std::string> result;
    for (const auto& line : conversation.timeline().entries()) {
        const std::string text = line.text.toStdString();
        switch (line.kind) {
            case TimelineEntry::Kind::opened:
                result.push_back("opened");
                break;
            case TimelineEntry::Kind::assigned:
                result.push_back("assigned: " + text);
                break;
            case TimelineEntry::Kind::closed:
                result.push_back("closed");
                break;
            case TimelineEntry::Kind::rating:
                result.push_back("rating");
                break;
            case TimelineEntry::Kind::note:
                result.push_back("note: " + text);
                break;
            case TimelineEntry::Kind::offered:
                result.push_back("offered: " + text);
                break;
            case TimelineEntry::Kind::declined:
                result.push_back("declined: " + text);
                break;
            case TimelineEntry::Kind::timedOut:
                result.push_back("timed out: " + text);
                break;
            case TimelineEntry::Kind::transferred:
                result.push_back("transferred: " + text);
                break;
            case TimelineEntry::Kind::takenOver:
                result.push_back("taken over: " + line.author.toStdString());
                break;
            case TimelineEntry::Kind::prioritized:
                result.push_back("prioritized: " + text);
                break;
            case TimelineEntry::Kind::joined:
                result.push_back("joined: " + text);
                break;
            case TimelineEntry::Kind::left:
                result.push_back("left: " + text);
                break;
            case TimelineEntry::Kind::released:
                result.push_back("released: " + text);
                break;
            case TimelineEntry::Kind::lost:
                result.push_back("lost: " + text);
                break;
            case TimelineEntry::Kind::reopened:
                result.push_back("reopened");
                break;
            case TimelineEntry::Kind::message:
                switch (line.from) {
                    case TimelineEntry::From::visitor:
                        result.push_back("visitor: " + text);
                        break;
                    case TimelineEntry::From::me:
                        result.push_back("me: " + text);
                        break;
                    default:
                        result.push_back("other: " + text);
                }
        }
    }
    return result;
}

std::string lastLine(agent::Conversation& conversation) {
    const auto all = lines(conversation);
    return all.empty() ? std::string() : all.back();
}

}  // namespace parlor::test
