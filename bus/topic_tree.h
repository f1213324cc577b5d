#pragma once

// Two tries over topic levels, one for each direction of MQTT's matching (MQTT 5, section 4.7):
// TopicTree finds the filters that a topic matches, TopicMap the topics that a filter matches. A
// step costs at most one hash lookup per level, whatever the number of filters. Not thread-safe.

#include <string>
#include <string_view>

#include "bus/level_map.h"
#include "bus/topic_filter.h"

namespace parlor::bus {

// A trie whose nodes hold a Value each. Levels are plain strings here: wildcards are the owner's
// matter.
template <class Value>
struct TopicNode {
    TopicNode* child(std::string_view level) const { return children.find(level); }

    TopicNode& make(std::string_view topic) {
        TopicNode* node = this;
        Levels levels(topic);
        while (const auto level = levels.next()) node = &node->children.at(*level);
        return *node;
    }

    TopicNode* find(std::string_view topic) {
        TopicNode* node = this;
        Levels levels(topic);
        while (const auto level = levels.next()) {
            node = node->child(*level);
            if (node == nullptr) return nullptr;
        }
        return node;
    }

    // Removes the node of `topic` and what leads only to it, where `empty(value)`.
    template <class Empty>
    void prune(std::string_view topic, const Empty& empty) {
        pruneFrom(Levels(topic), empty);
    }

    Value value{};
    LevelMap<TopicNode> children;

 private:
    template <class Empty>
    void pruneFrom(Levels levels, const Empty& empty) {
        const auto level = levels.next();
        if (!level) return;
        auto* next = child(*level);
        if (next == nullptr) return;
        next->pruneFrom(levels, empty);
        if (next->children.empty() && empty(next->value)) children.erase(*level);
    }
};

// Filters, each with a Value.
template <class Value>
class TopicTree {
 public:
    // The value of a filter, made where there is none.
    Value& at(std::string_view filter) { return root_.make(filter).value; }

    // Calls change(value) and forgets the filter where change() returns true ("now empty").
    template <class Change>
    void update(std::string_view filter, Change&& change) {
        auto* node = root_.find(filter);
        if (node == nullptr || !change(node->value)) return;
        node->value = Value{};
        root_.prune(filter, [](const Value& value) { return value.empty(); });
    }

    // Calls visit(value) for every filter that `topic` matches.
    template <class Visit>
    void match(std::string_view topic, Visit&& visit) {
        Levels levels(topic);
        // Filters that begin with a wildcard do not match topics that begin with '$'.
        step(root_, levels, !topic.starts_with('$'), visit);
    }

 private:
    using Node = TopicNode<Value>;

    template <class Visit>
    void step(Node& node, Levels levels, bool wildcards, Visit& visit) {
        // "a/#" matches "a" as well.
        if (wildcards) {
            if (auto* all = node.child("#")) visit(all->value);
        }
        const auto level = levels.next();
        if (!level) return visit(node.value);
        if (auto* exact = node.child(*level)) step(*exact, levels, true, visit);
        if (wildcards) {
            if (auto* any = node.child("+")) step(*any, levels, true, visit);
        }
    }

    Node root_;
};

// Topics, each with a Value.
template <class Value>
class TopicMap {
 public:
    Value& at(std::string_view topic) { return root_.make(topic).value; }

    // Nothing where there is no such topic.
    Value* find(std::string_view topic) {
        auto* node = root_.find(topic);
        return node == nullptr ? nullptr : &node->value;
    }

    void erase(std::string_view topic) {
        auto* node = root_.find(topic);
        if (node == nullptr) return;
        node->value = Value{};
        root_.prune(topic, [](const Value& value) { return value.empty(); });
    }

    // Calls visit(value) for every topic that `filter` (without "$share/…") matches.
    template <class Visit>
    void match(std::string_view filter, Visit&& visit) {
        step(root_, Levels(filter), true, visit);
    }

    // Erases every topic whose value `condition` holds for, and gives how many are left.
    template <class Condition>
    std::size_t eraseIf(const Condition& condition) {
        return eraseFrom(root_, condition);
    }

    void clear() { root_ = Node(); }

 private:
    using Node = TopicNode<Value>;

    template <class Visit>
    void step(Node& node, Levels levels, bool atRoot, Visit& visit) {
        const auto level = levels.next();
        if (!level) {
            if (!node.value.empty()) visit(node.value);
        } else if (*level == "#") {
            everything(node, atRoot, visit);
        } else if (*level == "+") {
            node.children.forEach([&](const std::string& name, Node& next) {
                if (!(atRoot && name.starts_with('$'))) step(next, levels, false, visit);
            });
        } else if (auto* exact = node.child(*level)) {
            step(*exact, levels, false, visit);
        }
    }

    template <class Condition>
    static std::size_t eraseFrom(Node& node, const Condition& condition) {
        if (!node.value.empty() && condition(node.value)) node.value = Value{};
        std::size_t left = node.value.empty() ? 0 : 1;
        node.children.eraseIf([&](const std::string&, Node& next) {
            left += eraseFrom(next, condition);
            return next.value.empty() && next.children.empty();
        });
        return left;
    }

    template <class Visit>
    void everything(Node& node, bool atRoot, Visit& visit) {
        if (!node.value.empty()) visit(node.value);
        node.children.forEach([&](const std::string& name, Node& next) {
            if (!(atRoot && name.starts_with('$'))) everything(next, false, visit);
        });
    }

    Node root_;
};

}  // namespace parlor::bus
