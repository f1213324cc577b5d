// Both tries against the plainest implementation of MQTT's rules, on random filters and topics.

#include "bus/topic_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace parlor::bus {
namespace {

// Section 4.7, word by word.
bool matches(std::string_view filter, std::string_view topic) {
    const bool wild = filter.starts_with('+') || filter.starts_with('#');
    if (wild && topic.starts_with('$')) return false;
    Levels filterLevels(filter);
    Levels topicLevels(topic);
    while (true) {
        const auto want = filterLevels.next();
        if (want == "#") return true;
        const auto have = topicLevels.next();
        if (!want || !have) {
            if (want || !have) return !want && !have;
            return false;
        }
        if (*want != "+" && *want != *have) return false;
    }
}

// "a/#" matches "a": the reference gives the parent level its due here.
bool reference(const std::string& filter, const std::string& topic) {
    if (matches(filter, topic)) return true;
    return filter.ends_with("/#") && matches(filter.substr(0, filter.size() - 2), topic);
}

class Generator {
 public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::string topic() {
        std::string topic = pick({"a", "b", "", "$s"});
        for (int more = number(4); more > 0; --more) topic += "/" + pick({"a", "b", "c", "", "$s"});
        return topic.empty() ? "a" : topic;
    }
    std::string filter() {
        std::string filter = pick({"a", "b", "+", "", "$s", "#"});
        for (int more = number(4); more > 0 && !filter.ends_with('#'); --more) {
            filter += "/" + pick({"a", "b", "c", "", "+", "#"});
        }
        return filter.empty() ? "+" : filter;
    }
    int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

 private:
    std::string pick(const std::vector<std::string>& from) {
        return from[static_cast<std::size_t>(number(static_cast<int>(from.size())))];
    }
    std::mt19937 random_;
};

struct Ids {
    std::set<int> ids;
    bool empty() const { return ids.empty(); }
};

TEST(TopicTree, FindsWhatTheRulesSay) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator random(seed);
        TopicTree<Ids> tree;
        std::map<int, std::string> filters;
        for (int step = 0; step < 200; ++step) {
            if (random.number(3) != 0) {
                filters[step] = random.filter();
                tree.at(filters[step]).ids.insert(step);
            } else if (!filters.empty()) {
                const int id = filters.begin()->first;
                tree.update(filters[id], [id](Ids& ids) {
                    ids.ids.erase(id);
                    return ids.empty();
                });
                filters.erase(id);
            }
            const auto topic = random.topic();
            std::multiset<int> found;
            tree.match(topic,
                       [&](const Ids& ids) { found.insert(ids.ids.begin(), ids.ids.end()); });
            std::multiset<int> expected;
            for (const auto& [id, filter] : filters) {
                if (reference(filter, topic)) expected.insert(id);
            }
            ASSERT_EQ(found, expected) << topic;
        }
    }
}

TEST(TopicMap, FindsWhatTheRulesSay) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator random(seed);
        TopicMap<std::string> map;
        std::set<std::string> topics;
        for (int step = 0; step < 200; ++step) {
            const auto topic = random.topic();
            if (random.number(3) != 0) {
                map.at(topic) = topic;
                topics.insert(topic);
            } else {
                map.erase(topic);
                topics.erase(topic);
            }
            EXPECT_EQ(map.find(topic) != nullptr && !map.find(topic)->empty(),
                      topics.contains(topic));
            const auto filter = random.filter();
            std::multiset<std::string> found;
            map.match(filter, [&](const std::string& value) { found.insert(value); });
            std::multiset<std::string> expected;
            for (const auto& each : topics) {
                if (reference(filter, each)) expected.insert(each);
            }
            ASSERT_EQ(found, expected) << filter;
        }
        const auto left = map.eraseIf([](const std::string& value) { return value < "b"; });
        std::erase_if(topics, [](const std::string& topic) { return topic < "b"; });
        EXPECT_EQ(left, topics.size());
    }
}

}  // namespace
}  // namespace parlor::bus
