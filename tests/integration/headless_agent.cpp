#include "tests/integration/headless_agent.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/integration/stack.h"

// POSIX leaves its declaration to the program.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace parlor::test {
namespace {

std::string findProgram(const std::string& name) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(PARLOR_BINARY_DIR)) {
        if (entry.path().filename() == name && entry.is_regular_file()) return entry.path();
    }
    throw std::runtime_error(name + " is not built");
}

}  // namespace

struct HeadlessAgent::Impl {
    pid_t pid = -1;
    int input = -1;
    std::thread reader;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<boost::json::object> lines;  // guarded by mutex
    std::vector<bool> taken;                 // guarded by mutex

    void readLines(int descriptor) {
        FILE* stream = fdopen(descriptor, "r");
        char* line = nullptr;
        std::size_t size = 0;
        while (getline(&line, &size, stream) > 0) {
            boost::system::error_code error;
            auto value = boost::json::parse(line, error);
            if (error || !value.is_object()) continue;
            const std::lock_guard lock(mutex);
            lines.push_back(value.as_object());
            taken.push_back(false);
            changed.notify_all();
        }
        free(line);
        fclose(stream);
    }
};

HeadlessAgent::HeadlessAgent(Stack& stack, const std::string& agent)
    : impl_(std::make_unique<Impl>()) {
    std::array<int, 2> toChild{};
    std::array<int, 2> fromChild{};
    if (pipe2(toChild.data(), O_CLOEXEC) != 0 || pipe2(fromChild.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2 failed");
    }
    std::vector<std::string> arguments = {findProgram("parlor-agent-headless"),
                                          "--server",
                                          "tcp://" + stack.address("broker"),
                                          "--site",
                                          "demo",
                                          "--agent",
                                          agent,
                                          "--name",
                                          "Agent " + agent,
                                          "--password-file",
                                          stack.dir().file("data/secrets/" + agent + ".password"),
                                          "--data",
                                          stack.dir().file("agent-" + agent)};
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0);
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1);
    const int error = posix_spawn(&impl_->pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(toChild[0]);
    ::close(fromChild[1]);
    if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
    impl_->input = toChild[1];
    impl_->reader = std::thread([this, out = fromChild[0]] { impl_->readLines(out); });
    expect("connected");
}

HeadlessAgent::~HeadlessAgent() {
    kill(impl_->pid, SIGKILL);
    waitpid(impl_->pid, nullptr, 0);
    impl_->reader.join();
    ::close(impl_->input);
}

void HeadlessAgent::command(const boost::json::object& line) {
    const auto text = boost::json::serialize(line) + "\n";
    if (write(impl_->input, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("the headless agent does not read");
    }
}

void HeadlessAgent::accept(const std::string& conversation) {
    command({{"do", "accept"}, {"conversation", conversation}});
}
void HeadlessAgent::say(const std::string& conversation, const std::string& text) {
    command({{"do", "say"}, {"conversation", conversation}, {"text", text}});
}
void HeadlessAgent::close(const std::string& conversation) {
    command({{"do", "close"}, {"conversation", conversation}});
}

void HeadlessAgent::takeOver(const std::string& conversation) {
    command({{"do", "take_over"}, {"conversation", conversation}});
}

boost::json::object HeadlessAgent::expect(
    const std::string& on, const std::function<bool(const boost::json::object&)>& fits) {
    std::unique_lock lock(impl_->mutex);
    std::size_t found = 0;
    const bool came = impl_->changed.wait_for(lock, std::chrono::seconds(20), [&] {
        for (found = 0; found < impl_->lines.size(); ++found) {
            const auto& line = impl_->lines[found];
            const auto* kind = line.if_contains("on");
            if (impl_->taken[found] || kind == nullptr || kind->as_string() != on) continue;
            if (!fits || fits(line)) return true;
        }
        return false;
    });
    if (!came) {
        std::string seen;
        for (const auto& line : impl_->lines) seen += boost::json::serialize(line) + "\n";
        throw std::runtime_error("the agent did not tell \"" + on + "\" but:\n" + seen);
    }
    impl_->taken[found] = true;
    return impl_->lines[found];
}

std::vector<std::string> HeadlessAgent::messages(const std::string& conversation) {
    const std::lock_guard lock(impl_->mutex);
    std::vector<std::string> texts;
    for (const auto& line : impl_->lines) {
        if (line.at("on") != "event" || line.at("conversation").as_string() != conversation)
            continue;
        if (line.at("type") == "message") texts.emplace_back(line.at("text").as_string());
    }
    return texts;
}

std::vector<std::int64_t> HeadlessAgent::sequence(const std::string& conversation) {
    const std::lock_guard lock(impl_->mutex);
    std::vector<std::int64_t> numbers;
    for (const auto& line : impl_->lines) {
        if (line.at("on") != "event" || line.at("conversation").as_string() != conversation)
            continue;
        numbers.push_back(boost::json::value_to<std::int64_t>(line.at("seq")));
    }
    return numbers;
}

}  // namespace parlor::test
