#include "tests/ledger/world.h"

#include <Poco/NullChannel.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kStep{100};

bus::Deadline soon() { return bus::Clock::now() + kPatience; }

v1::Draft draft() {
    v1::Draft made;
    made.set_request_id(Ulid::generate().str());
    return made;
}

std::string clientName(const CallerId& caller) {
    return caller.str() + "-" + std::to_string(std::hash<Ulid>()(Ulid::generate()) % 1000000000);
}

}  // namespace

Client::Client(bus::MemoryBroker& broker, const std::string& name) : bus_(broker.makeClient(name)) {
    bus_->start(
        {.onMessage = [this](bus::Message&& message) { take(std::move(message)); }, .onState = {}});
}

Client::~Client() { bus_->stop(soon()); }

void Client::subscribe(std::vector<std::string> filters) {
    std::promise<bool> granted;
    bus_->subscribe(
        std::move(filters), bus::Qos::atLeastOnce,
        [&](const Expected<void>& done) { granted.set_value(done.has_value()); }, soon());
    ASSERT_TRUE(granted.get_future().get());
}

void Client::publish(bus::Message message) {
    std::promise<bool> taken;
    bus_->publish(
        std::move(message), [&](const Expected<void>& done) { taken.set_value(done.has_value()); },
        soon());
    ASSERT_TRUE(taken.get_future().get());
}

std::vector<bus::Message> Client::take() {
    const std::scoped_lock lock(mutex_);
    std::vector<bus::Message> taken(received_.begin(), received_.end());
    received_.clear();
    return taken;
}

std::optional<bus::Message> Client::await(const std::function<bool(const bus::Message&)>& fits) {
    std::unique_lock lock(mutex_);
    auto found = received_.end();
    const auto look = [&] {
        found = std::find_if(received_.begin(), received_.end(), fits);
        return found != received_.end();
    };
    // By steps: where the whole process stood still for a while, only one of them is over.
    auto left = kPatience / kStep;
    while (!arrived_.wait_for(lock, kStep, look) && --left > 0) {
    }
    if (found == received_.end()) return std::nullopt;
    auto message = std::move(*found);
    received_.erase(found);
    return message;
}

Sender::Sender(bus::MemoryBroker& broker, const SiteId& site)
    : site_(site),
      caller_(*CallerId::parse(kGatewayCaller)),
      name_(*ClientId::parse(clientName(caller_))),
      client_(broker, name_.str()) {
    client_.subscribe({topics::filters::gatewayReplies(name_)});
}

Sender::Sender(bus::MemoryBroker& broker, const AgentId& agent, const SiteId& site)
    : site_(site),
      agent_(agent),
      caller_(*CallerId::parse(agent.str())),
      name_(*ClientId::parse(clientName(caller_))),
      client_(broker, name_.str()) {
    client_.subscribe({topics::filters::agentReplies(site, agent, name_)});
}

Sender::Sender(bus::MemoryBroker& broker, const CallerId& tool, const SiteId& site)
    : site_(site),
      caller_(tool),
      name_(*ClientId::parse(clientName(caller_))),
      client_(broker, name_.str()) {
    client_.subscribe({topics::format(topics::Reply{site, tool, name_})});
}

void Sender::address(bus::Message& message) {
    message.responseTopic = topics::format(topics::Reply{site_, caller_, name_});
    message.correlationData = std::to_string(++next_);
}

bus::Message Sender::postMessage(const ConversationId& conversation,
                                 const std::vector<v1::Draft>& drafts) {
    v1::Post post;
    for (const auto& each : drafts) *post.add_drafts() = each;
    bus::Message sent;
    sent.topic = agent_ ? topics::format(topics::AgentIn{site_, conversation, *agent_})
                        : topics::format(topics::VisitorIn{site_, conversation});
    sent.payload = encode(post);
    address(sent);
    return sent;
}

bus::Message Sender::requestMessage(topics::Method method, const v1::Request& request) {
    bus::Message sent;
    sent.topic = topics::format(topics::Rpc{site_, method, caller_});
    sent.payload = encode(request);
    address(sent);
    return sent;
}

// Answers that came together are kept one by one.
void Client::take(bus::Message message) {
    const auto topic = topics::parse(message.topic);
    const bool together =
        topic && std::holds_alternative<topics::Reply>(*topic) && message.correlationData.empty();
    const std::scoped_lock lock(mutex_);
    if (together) {
        const auto answers = decodeReply({}, message.payload);
        EXPECT_TRUE(answers);
        if (!answers) return;
        for (const v1::Answer& answer : *answers) {
            auto& each = received_.emplace_back(message);
            each.correlationData = answer.correlation();
            each.payload = encode(answer.response());
        }
    } else {
        received_.push_back(std::move(message));
    }
    arrived_.notify_all();
}

v1::Response Sender::answerTo(const bus::Message& message) {
    const auto answer = client_.await([&](const bus::Message& candidate) {
        return candidate.topic == message.responseTopic &&
               candidate.correlationData == message.correlationData;
    });
    EXPECT_TRUE(answer) << "no answer";
    if (!answer) return {};
    EXPECT_FALSE(answer->retain);
    auto response = decode<v1::Response>(answer->payload);
    EXPECT_TRUE(response);
    return response ? *response : v1::Response();
}

v1::Response Sender::post(const ConversationId& conversation,
                          const std::vector<v1::Draft>& drafts) {
    const auto sent = postMessage(conversation, drafts);
    client_.publish(sent);
    return answerTo(sent);
}

v1::Receipt Sender::post(const ConversationId& conversation, const v1::Draft& draft) {
    const auto response = post(conversation, std::vector<v1::Draft>{draft});
    EXPECT_EQ(response.post().receipts_size(), 1);
    if (response.post().receipts_size() != 1) return {};
    EXPECT_EQ(response.post().receipts(0).request_id(), draft.request_id());
    return response.post().receipts(0);
}

v1::Response Sender::call(topics::Method method, const v1::Request& request) {
    const auto sent = requestMessage(method, request);
    client_.publish(sent);
    return answerTo(sent);
}

v1::Response Sender::open(const v1::OpenRequest& request) {
    v1::Request body;
    *body.mutable_open() = request;
    return call(topics::Method::open, body);
}

v1::Response Sender::history(const ConversationId& conversation, std::uint64_t after,
                             std::uint32_t limit, v1::Stream stream) {
    v1::Request body;
    body.mutable_history()->set_conversation(conversation.str());
    body.mutable_history()->set_after_seq(after);
    body.mutable_history()->set_limit(limit);
    body.mutable_history()->set_stream(stream);
    return call(topics::Method::history, body);
}

v1::Response Sender::status(const ConversationId& conversation, const std::string& requestId) {
    v1::Request body;
    body.mutable_status()->set_conversation(conversation.str());
    body.mutable_status()->set_request_id(requestId);
    return call(topics::Method::status, body);
}

Ledger::Options patientOptions() {
    Ledger::Options options;
    options.agents.lease = std::chrono::hours(1);
    return options;
}

World::World(Options options)
    : options_(std::move(options)),
      path_(dir_.file("ledger.db")),
      store_(*DatabaseUrl::parse("sqlite://" + path_)) {
    if (options_.wrapStore) wrappedStore_ = options_.wrapStore(store_);
    const auto migrated = store_.migrate();
    EXPECT_TRUE(migrated) << (migrated ? "" : migrated.error().text);
    startLedger();
}

World::~World() { stopLedger(); }

void World::startLedger() {
    bus_ = broker_.makeClient("ledger-" + Ulid::generate().str());
    if (options_.wrapBus) bus_ = options_.wrapBus(std::move(bus_));
    ledger_ = std::make_unique<Ledger>(options_.ledger, wrappedStore_ ? *wrappedStore_ : store_,
                                       *bus_, options_.log != nullptr ? *options_.log : testLog());
    ledger_->directory().replace(kSite, departments_, agents_);
    ledger_->start();
    EXPECT_TRUE(
        parlor::test::eventually([&] { return ledger_->subscribed() && ledger_->caughtUp(); }));
}

void World::staff(std::vector<v1::DepartmentProfile> departments,
                  std::vector<v1::AgentProfile> agents) {
    departments_ = std::move(departments);
    agents_ = std::move(agents);
    ledger_->directory().replace(kSite, departments_, agents_);
    ledger_->directoryChanged(kSite);
}

void World::stopLedger() {
    if (ledger_) ledger_->stop(soon());
    ledger_.reset();
    bus_.reset();
}

ConversationId World::open(Sender& gateway) {
    const auto request = openRequest();
    const auto response = gateway.open(request);
    EXPECT_EQ(response.open().recorded().seq(), 1U) << response.failure().text();
    return *ConversationId::parse(request.conversation());
}

v1::Draft message(const std::string& text) {
    auto made = draft();
    made.mutable_message()->set_text(text);
    return made;
}
v1::Draft note(const std::string& text) {
    auto made = draft();
    made.mutable_note()->set_text(text);
    return made;
}
v1::Draft read(std::uint64_t seq) {
    auto made = draft();
    made.mutable_read()->set_seq(seq);
    return made;
}
v1::Draft rating(std::uint32_t score) {
    auto made = draft();
    made.mutable_rating()->set_score(score);
    return made;
}
v1::Draft accept() {
    auto made = draft();
    made.mutable_accept();
    return made;
}
v1::Draft close(const std::string& reason) {
    auto made = draft();
    made.mutable_close()->set_reason(reason);
    return made;
}

v1::Draft decline() {
    auto made = draft();
    made.mutable_decline();
    return made;
}
v1::Draft transferTo(const AgentId& agent, const std::string& note) {
    auto made = draft();
    made.mutable_transfer()->set_agent(agent.str());
    made.mutable_transfer()->set_note(note);
    return made;
}
v1::Draft transferTo(const DepartmentId& department, const std::string& note,
                     std::uint32_t priority) {
    auto made = draft();
    made.mutable_transfer()->set_priority(priority);
    made.mutable_transfer()->set_department(department.str());
    made.mutable_transfer()->set_note(note);
    return made;
}
v1::Draft takeOver() {
    auto made = draft();
    made.mutable_take_over();
    return made;
}
v1::Draft prioritize(std::uint32_t priority) {
    auto made = draft();
    made.mutable_prioritize()->set_priority(priority);
    return made;
}
v1::Draft join() {
    auto made = draft();
    made.mutable_join();
    return made;
}
v1::Draft leave() {
    auto made = draft();
    made.mutable_leave();
    return made;
}

v1::DepartmentProfile department(const std::string& id, v1::Routing routing) {
    v1::DepartmentProfile made;
    made.set_id(id);
    made.set_routing(routing);
    return made;
}
v1::AgentProfile agent(const AgentId& id, std::uint32_t capacity, v1::Role role) {
    v1::AgentProfile made;
    made.set_id(id.str());
    made.set_capacity(capacity);
    made.set_role(role);
    return made;
}
void tellStatus(Client& client, const AgentId& agent, v1::AgentStatus::State state,
                const SiteId& site) {
    v1::AgentStatus status;
    status.set_state(state);
    bus::Message message;
    message.topic = topics::format(topics::Status{site, agent});
    message.payload = encode(status);
    message.retain = true;
    client.publish(std::move(message));
}

v1::OpenRequest openRequest(const std::string& department) {
    v1::OpenRequest request;
    request.set_conversation(Ulid::generate().str());
    request.set_request_id(Ulid::generate().str());
    request.set_department(department);
    request.mutable_visitor()->set_name("Zoë");
    return request;
}

std::vector<v1::Event> eventsOf(const std::vector<bus::Message>& messages) {
    std::vector<v1::Event> events;
    for (const auto& message : messages) {
        const auto topic = topics::parse(message.topic);
        if (!topic) continue;
        const bool isLog = std::holds_alternative<topics::SharedLog>(*topic) ||
                           std::holds_alternative<topics::StaffLog>(*topic);
        if (!isLog) continue;
        const auto event = decode<v1::Event>(message.payload);
        EXPECT_TRUE(event);
        if (event) events.push_back(*event);
    }
    return events;
}

std::vector<std::string> statesOf(const std::vector<bus::Message>& messages) {
    std::vector<std::string> states;
    for (const auto& message : messages) {
        const auto topic = topics::parse(message.topic);
        if (!topic) continue;
        const bool isState = std::holds_alternative<topics::Queue>(*topic) ||
                             std::holds_alternative<topics::AssignedTo>(*topic);
        if (isState) states.push_back(message.topic + (message.payload.empty() ? " cleared" : ""));
    }
    return states;
}

Poco::Logger& testLog() {
    static Poco::Logger& log = []() -> Poco::Logger& {
        Poco::Logger& made = Poco::Logger::get("ledger-test");
        made.setChannel(Poco::AutoPtr<Poco::Channel>(new Poco::NullChannel));
        return made;
    }();
    return log;
}

}  // namespace parlor::ledger::test
