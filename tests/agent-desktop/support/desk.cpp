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
