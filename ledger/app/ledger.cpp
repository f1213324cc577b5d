#include "ledger/app/ledger.h"

#include "ledger/intake/submission.h"
#include "ledger/search/watched_writer.h"
#include "proto/codec.h"
#include "proto/topics.h"
#include "proto/trace.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::seconds kSubscribeDeadline{10};

std::vector<std::string> workFilters() {
    using namespace topics::filters;
    return {ledgerVisitorPosts(), ledgerAgentPosts(), ledgerRpc()};
}

std::vector<std::string> stateFilters() {
    using namespace topics::filters;
    return {ledgerAgentStatus(), ledgerQueues(), ledgerAssignments(), ledgerDepartments()};
}

}  // namespace

Ledger::Ledger(const Options& options, Store& store, bus::Bus& bus, Poco::Logger& log)
    : bus_(bus),
      log_(log),
      drops_(metrics_, log),
      requestLog_(metrics_, log),
      agents_(options.agents),
      desk_(directory_, agents_),
      announcer_(bus, metrics_, store.isShared(), [this] { intake_.wake(); }),
      herald_(
          options.herald, store.makeReader(), announcer_, log,
          {.newest = [this] { return intake_.newestTurn(); },
           .isOver = [this](std::uint64_t turn) { return intake_.isOver(turn); },
           .underWay = [this](std::span<const ConversationId> of) { return intake_.underWay(of); }},
          [this] { intake_.wake(); }),
      departments_(store, announcer_, desk_),
      dispatcher_(
          options.dispatch, store.makeDispatchReader(), desk_,
          [this](Command command) { intake_.submit(std::move(command)); }, log),
      history_(
          options.history, store,
          [this](const SiteId& site, const AgentId& agent) {
              return desk_.isDisabled(site, agent);
          },
          announcer_, metrics_, requestLog_),
      indexer_(options.indexer, store.makeSearchIndex(), store.isShared(), log),
      intake_(
          options.intake, makeWriters(store.isShared() ? options.intake.writers : 1, store),
          announcer_, desk_, metrics_, log,
          [this](const Conversation* before, const Conversation& now) { onChanged(before, now); },
          [this] { return herald_.step(); }),
      retained_(bus),
      profiles_(
          options.directory, store.makeDirectory(), log,
          [this](const SiteId& site, const Profiles& profiles) { onProfiles(site, profiles); }),
      jobs_(options.jobs, store, log, erasureWays()),
      requests_(options.requests, store, profiles_, jobs_, announcer_, metrics_, requestLog_) {}

std::vector<std::unique_ptr<Writer>> Ledger::makeWriters(std::size_t count, Store& store) {
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::size_t i = 0; i < count; ++i) {
        writers.push_back(std::make_unique<WatchedWriter>(
            store.makeWriter(),
            [this](const std::vector<ConversationId>& ids, Indexer::Clock::duration took) {
                indexer_.recorded(ids, took);
            }));
    }
    return writers;
}

ErasureWays Ledger::erasureWays() {
    return {
        .close =
            [this](const Conversation& row, std::function<void(bool)> done) {
                std::shared_ptr<Ticket> ticket(new Ticket, [done = std::move(done)](Ticket* each) {
                    const std::unique_ptr<Ticket> owned(each);
                    done(owned->outcome == Ticket::Outcome::decided);
                });
                intake_.submit({row.site, row.id, row.fence, CloseErased{}, std::move(ticket)});
            },
        .republish = [this](const ConversationId& id,
                            std::function<void()> told) { herald_.republish(id, std::move(told)); },
        .retained =
            [this](const SiteId& site, const ConversationId& id, RetainedSweep::Found found) {
                retained_.start(site, id, std::move(found), bus::Clock::now() + kSubscribeDeadline);
            }};
}

Ledger::~Ledger() { stop(bus::Clock::now()); }

void Ledger::start() {
    profiles_.start();
    jobs_.start();
    requests_.start();
    indexer_.start();
    intake_.start();
    history_.start();
    departments_.start();
    dispatcher_.start();
    bus_.start({.onMessage = [this](bus::Message&& message) { onMessage(message); },
                .onState = [this](bus::State state) { onState(state); }});
}

void Ledger::stop(bus::Deadline deadline) {
    if (stopped_) return;
    stopped_ = true;
    // So that other replicas get what comes from now on.
    bus_.unsubscribe(workFilters(), {}, deadline);
    dispatcher_.stop();
    // Before intake, which tells the broker of what was erased last.
    jobs_.stop();
    intake_.stop(deadline);
    history_.stop();
    requests_.stop();
    profiles_.stop();
    indexer_.stop();
    departments_.stop();
    bus_.stop(deadline);
}

void Ledger::subscribe() {
    auto filters = stateFilters();
    for (auto& filter : workFilters()) filters.push_back(std::move(filter));
    bus_.subscribe(
        std::move(filters), bus::Qos::atLeastOnce,
        [this](const Expected<void>& done) {
            if (done) {
                subscribed_ = true;
                return;
            }
            poco_error(log_, "subscribe failed error=\"" + done.error().text + "\"");
            // A lost connection reports itself when it is back; a refusal stays one.
            if (connected_ && done.error().code == Errc::deadline) subscribe();
        },
        bus::Clock::now() + kSubscribeDeadline);
}

void Ledger::onState(bus::State state) {
    connected_ = state == bus::State::connected;
    if (connected_) {
        poco_information(log_, "broker connected");
        agents_.connected();
        if (!subscribed_) subscribe();
        herald_.connected();
        departments_.connected();
    } else {
        poco_warning(log_, "broker disconnected");
        agents_.disconnected();
        herald_.disconnected();
    }
}

void Ledger::onMessage(const bus::Message& message) {
    const auto topic = topics::parse(message.topic);
    const auto why = topic ? onTopic(*topic, message) : Drop::topic;
    if (why) drops_.add(*why, message.topic, traceparentOf(message.userProperties));
}

std::optional<Drop> Ledger::onTopic(const topics::Topic& topic, const bus::Message& message) {
    retained_.onMessage(topic, message);
    if (const auto* post = std::get_if<topics::VisitorIn>(&topic)) {
        return intake_.submit(receivePost(*post, message));
    }
    if (const auto* post = std::get_if<topics::AgentIn>(&topic)) {
        return intake_.submit(receivePost(*post, message));
    }
    if (const auto* rpc = std::get_if<topics::Rpc>(&topic)) return onRpc(*rpc, message);
    if (const auto* status = std::get_if<topics::Status>(&topic)) return onStatus(*status, message);
    if (const auto* queue = std::get_if<topics::Queue>(&topic)) {
        departments_.changed();
        dispatcher_.changed(queue->site);
        if (message.retain && !message.payload.empty()) herald_.seen(*queue);
    } else if (const auto* assigned = std::get_if<topics::AssignedTo>(&topic)) {
        onAssignment(*assigned, message);
    } else if (const auto* department = std::get_if<topics::Department>(&topic)) {
        if (!message.payload.empty()) departments_.know(*department);
    } else if (std::holds_alternative<topics::Reply>(topic)) {
        return Drop::topic;
    }
    return {};
}

std::optional<Drop> Ledger::onRpc(const topics::Rpc& topic, const bus::Message& message) {
    switch (topic.method) {
        case topics::Method::open:
            return intake_.submit(receiveOpen(topic, message));
        case topics::Method::history:
        case topics::Method::status:
            return history_.submit(topic, message);
        default:
            return requests_.submit(topic, message);
    }
}

std::optional<Drop> Ledger::onStatus(const topics::Status& topic, const bus::Message& message) {
    if (message.payload.empty()) {
        if (agents_.clear(topic.site, topic.agent)) directoryChanged(topic.site);
        return {};
    }
    const auto status = decode<v1::AgentStatus>(message.payload);
    if (!status) return Drop::garbage;
    if (agents_.update(topic.site, topic.agent, *status, message.expiry)) {
        directoryChanged(topic.site);
    }
    return {};
}

// Other replicas assign too; this is how all of them know whose turn it was last.
void Ledger::onAssignment(const topics::AssignedTo& topic, const bus::Message& message) {
    if (message.payload.empty()) {
        dispatcher_.changed(topic.site);
        return;
    }
    if (message.retain) herald_.seen(topic);
    const auto assignment = decode<v1::Assignment>(message.payload);
    if (!assignment || assignment->joined()) return;
    agents_.gave(topic.site, topic.agent, assignment->since_ms());
    const auto department = DepartmentId::parse(assignment->department());
    if (message.retain || !department || assignment->waited_ms() == 0) return;
    departments_.waited(topic.site, *department,
                        std::chrono::milliseconds(assignment->waited_ms()));
}

void Ledger::onChanged(const Conversation* before, const Conversation& now) {
    dispatcher_.changed(now.site);
    const bool waited = before != nullptr && before->state == ConversationState::waiting;
    const bool waits = now.state == ConversationState::waiting;
    if (waited) departments_.queueChanged(before->site, before->department);
    if (waits) departments_.queueChanged(now.site, now.department);
}

void Ledger::onProfiles(const SiteId& site, const Profiles& profiles) {
    std::vector<v1::DepartmentProfile> departments;
    std::vector<v1::AgentProfile> agents;
    for (const auto& [id, each] : profiles.departments) departments.push_back(each.profile);
    for (const auto& [id, each] : profiles.agents) agents.push_back(each.profile);
    directory_.replace(site, departments, agents);
    directoryChanged(site);
}

void Ledger::directoryChanged(const SiteId& site) {
    departments_.changed();
    dispatcher_.changed(site);
}

}  // namespace parlor::ledger
