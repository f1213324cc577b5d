#pragma once

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parlor::test {

class Stack;

// The desktop client's core without its window: parlor-agent-headless, driven over its line
// protocol.
class HeadlessAgent {
 public:
    // Starts it, signs in and waits until it is connected.
    HeadlessAgent(Stack& stack, const std::string& agent);
    ~HeadlessAgent();
    HeadlessAgent(const HeadlessAgent&) = delete;
    HeadlessAgent& operator=(const HeadlessAgent&) = delete;

    void command(const boost::json::object& line);
    void accept(const std::string& conversation);
    void say(const std::string& conversation, const std::string& text);
    void close(const std::string& conversation);
    void takeOver(const std::string& conversation);

    // The first line not yet taken that has this "on" and, where given, fits; throws after 20 s
    // with what came instead. Lines before it stay.
    boost::json::object expect(const std::string& on,
                               const std::function<bool(const boost::json::object&)>& fits = {});
    // Texts of all message events of a conversation so far, in the order they were told.
    std::vector<std::string> messages(const std::string& conversation);
    // Sequence numbers of all events of a conversation so far, in the order they were told.
    std::vector<std::int64_t> sequence(const std::string& conversation);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parlor::test
