#include "tests/security/traffic.h"

#include <stdexcept>

#include "proto/codec.h"
#include "proto/ids.h"

namespace parlor::test {
namespace {

struct Line {
    std::string writer;
    std::string topic;
    bool retain = false;
};

std::vector<Line> everyTopic(const std::string& site, const std::vector<std::string>& agents) {
    const std::string base = "parlor/" + site + "/";
    const std::string c = base + "c/" + kConversation;
    std::vector<Line> lines = {{"gateway", c + "/in/visitor"},
                               {"gateway", c + "/in/live"},
                               {"gateway", c + "/in/presence", true},
                               {"gateway", base + "rpc/open/gateway"},
                               {"gateway", base + "rpc/history/gateway"},
                               {"gateway", base + "rpc/status/gateway"},
                               {"gateway", base + "rpc/transcript/gateway"},
                               {"ledger", c + "/out/log", true},
                               {"ledger", c + "/out/live/ledger"},
                               {"ledger", c + "/staff/log", true},
                               {"ledger", base + "q/general/" + kConversation, true},
                               {"ledger", base + "d/general", true},
                               {"ledger", base + "reply/gateway/gw-1"}};
    for (const auto& agent : agents) {
        lines.push_back({agent, c + "/in/agent/" + agent});
        lines.push_back({agent, c + "/out/live/" + agent});
        lines.push_back({agent, base + "a/" + agent + "/status", true});
        lines.push_back({agent, base + "rpc/history/" + agent});
        lines.push_back({"ledger", base + "a/" + agent + "/c/" + kConversation, true});
        lines.push_back({"ledger", base + "reply/" + agent + "/desk"});
    }
    return lines;
}

std::vector<Line> everything() {
    auto lines = everyTopic("demo", {"alice", "bob", "mallory"});
    for (auto& line : everyTopic("shop", {"carol"})) lines.push_back(std::move(line));
    return lines;
}

}  // namespace

std::string conversationTopic(const std::string& site, const std::string& rest) {
    return "parlor/" + site + "/c/" + kConversation + "/" + rest;
}

std::vector<std::string> sendEverything(const SecuredBroker& broker, const std::string& without) {
    std::map<std::string, RawClient> clients;
    std::vector<std::string> topics;
    for (const auto& line : everything()) {
        if (line.writer == without) continue;
        auto client = clients.find(line.writer);
        if (client == clients.end()) {
            client = clients.emplace(line.writer, broker.client(line.writer)).first;
        }
        const int answer = client->second.publish(
            {.topic = line.topic, .payload = "from " + line.writer, .retain = line.retain});
        if (answer != reason::kSuccess && answer != reason::kNoMatchingSubscribers) {
            throw std::runtime_error(line.writer + " may not write " + line.topic);
        }
        topics.push_back(line.topic);
    }
    return topics;
}

std::vector<std::string> everyTopicThereIs() {
    std::vector<std::string> topics;
    for (const auto& line : everything()) topics.push_back(line.topic);
    return topics;
}

std::vector<std::string> greedyFilters() {
    std::vector<std::string> filters = {"#",
                                        "+/#",
                                        "+/+/#",
                                        "+/+/+/+/+/#",
                                        "/#",
                                        "parlor/#",
                                        "parlor/+/#",
                                        "parlor/demo/#",
                                        "parlor/shop/#",
                                        "parlor/+/c/#",
                                        "parlor/+/c/+/#",
                                        "parlor/+/c/+/+/#",
                                        "parlor/+/c/+/+/log",
                                        "parlor/+/c/+/in/#",
                                        "parlor/+/c/+/staff/#",
                                        "parlor/+/c/" + kConversation + "/staff/+",
                                        "parlor/demo/c/+/#",
                                        "parlor/shop/c/+/#",
                                        "parlor/+/q/#",
                                        "parlor/+/a/#",
                                        "parlor/+/a/+/c/+",
                                        "parlor/demo/a/alice/#",
                                        "parlor/+/rpc/#",
                                        "parlor/+/reply/#",
                                        "parlor/demo/reply/+/+",
                                        "parlor/+/+/+/+",
                                        "parlor/health",
                                        "$SYS/#",
                                        "$CONTROL/#",
                                        "$CONTROL/dynamic-security/v1/response",
                                        "$share/ledger/parlor/+/c/+/in/visitor",
                                        "$share/ledger/parlor/+/c/+/in/agent/+",
                                        "$share/ledger/parlor/+/rpc/+/+"};
    for (const auto& line : everything()) filters.push_back(line.topic);
    const auto plain = filters.size();
    for (std::size_t i = 0; i < plain; ++i) {
        if (!filters[i].starts_with('$')) filters.push_back("$share/mine/" + filters[i]);
    }
    return filters;
}

void ask(RawClient& client, const std::string& reply, const std::string& topic,
         const std::string& payload) {
    client.publish({.topic = topic,
                    .payload = payload,
                    .responseTopic = "parlor/demo/reply/" + reply,
                    .correlationData = "x"});
    client.next();
}

void post(RawClient& client, const std::string& reply, const std::string& end, v1::Draft draft) {
    draft.set_request_id(RequestId::generate().str());
    v1::Post all;
    *all.add_drafts() = std::move(draft);
    ask(client, reply, conversationTopic("demo", end), encode(all));
}

std::set<std::string> topicsOf(const std::vector<RawClient::Message>& messages) {
    std::set<std::string> topics;
    for (const auto& message : messages) topics.insert(message.topic);
    return topics;
}

}  // namespace parlor::test
