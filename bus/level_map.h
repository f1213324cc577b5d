#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace parlor::bus {

// The children of a topic tree's node, by their level. Most nodes have one or two, and one hundred
// thousand of those must not cost a hash table each; a few nodes have a hundred thousand.
template <class Node>
class LevelMap {
 public:
    bool empty() const { return few_.empty() && (!many_ || many_->empty()); }

    // Null where there is none.
    Node* find(std::string_view level) const {
        if (many_) {
            const auto found = many_->find(level);
            return found == many_->end() ? nullptr : found->second.get();
        }
        for (const auto& [name, node] : few_) {
            if (name == level) return node.get();
        }
        return nullptr;
    }

    // Made where there is none.
    Node& at(std::string_view level) {
        if (auto* found = find(level)) return *found;
        if (!many_ && few_.size() == kFew) {
            many_ = std::make_unique<Many>();
            for (auto& [name, node] : few_) many_->emplace(std::move(name), std::move(node));
            few_ = Few();
        }
        auto node = std::make_unique<Node>();
        auto& made = *node;
        if (many_) {
            many_->emplace(std::string(level), std::move(node));
        } else {
            few_.emplace_back(std::string(level), std::move(node));
        }
        return made;
    }

    void erase(std::string_view level) {
        if (many_) {
            if (const auto found = many_->find(level); found != many_->end()) many_->erase(found);
        } else {
            eraseFew([level](const Entry& each) { return each.first == level; });
        }
    }

    // Calls visit(level, node) for each.
    template <class Visit>
    void forEach(Visit&& visit) {
        for (auto& [name, node] : few_) visit(name, *node);
        if (!many_) return;
        for (auto& [name, node] : *many_) visit(name, *node);
    }

    // Erases each that condition(level, node) holds for.
    template <class Condition>
    void eraseIf(Condition&& condition) {
        eraseFew([&](Entry& each) { return condition(each.first, *each.second); });
        if (!many_) return;
        for (auto each = many_->begin(); each != many_->end();) {
            if (condition(each->first, *each->second)) {
                many_->erase(each++);
            } else {
                ++each;
            }
        }
    }

 private:
    static constexpr std::size_t kFew = 8;
    using Entry = std::pair<std::string, std::unique_ptr<Node>>;
    using Few = boost::container::small_vector<Entry, 1>;

    template <class Condition>
    void eraseFew(const Condition& condition) {
        few_.erase(std::remove_if(few_.begin(), few_.end(), condition), few_.end());
    }

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    using Many =
        boost::unordered_flat_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>>;

    Few few_;  // empty where many_ is not
    std::unique_ptr<Many> many_;
};

}  // namespace parlor::bus
