#pragma once

#include <set>
#include <string>
#include <vector>

#include "parlor/v1/post.pb.h"
#include "tests/security/secured_broker.h"

namespace parlor::test {

inline const std::string kConversation = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

// "parlor/demo/c/{conversation}/…": the topics of one conversation of a site.
std::string conversationTopic(const std::string& site, const std::string& rest);

// One message on every topic that Parlor has, at the sites demo and shop, each from the account
// that may write it; the state among it retained. All are acknowledged when it returns; throws
// std::runtime_error where the broker refuses one. The topics, in order.
// `without` is an account to leave out.
std::vector<std::string> sendEverything(const SecuredBroker& broker,
                                        const std::string& without = {});

// Those topics.
std::vector<std::string> everyTopicThereIs();

// Every filter that somebody curious may think of: everything, other sites, others' names, each
// topic by itself, and each of them as a shared subscription.
std::vector<std::string> greedyFilters();

// A request from the site demo, and the draft as a post to the end of kConversation's topics. Both
// wait for the answer on parlor/demo/reply/{reply}, which the client has subscribed to.
void ask(RawClient& client, const std::string& reply, const std::string& topic,
         const std::string& payload);
void post(RawClient& client, const std::string& reply, const std::string& end, v1::Draft draft);

std::set<std::string> topicsOf(const std::vector<RawClient::Message>& messages);

}  // namespace parlor::test
