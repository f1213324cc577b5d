#include "ledger/store/sql_archive.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }
Poco::Int64 toNumber(std::uint64_t value) { return static_cast<Poco::Int64>(value); }

// Conversations' ids start with the time at which they were made, by gateways' clocks: within this
// of when the ledger recorded them.
constexpr std::int64_t kClockMarginMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kMaxUlidMs = (std::int64_t{1} << 48) - 1;

// The least id made at that time.
ConversationId idAt(std::int64_t ms) {
    ms = std::clamp<std::int64_t>(ms, 0, kMaxUlidMs);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[5 - i] = static_cast<std::uint8_t>(ms & 0xFF);
        ms >>= 8;
    }
    return ConversationId(Ulid::fromBytes(bytes));
}

struct Bounds {
    ConversationId from;    // exclusive
    ConversationId before;  // exclusive
    std::int64_t untilMs;
};

Bounds boundsOf(const ListQuery& query) {
    Bounds bounds;
    bounds.untilMs =
        query.openedUntilMs == 0 ? std::numeric_limits<std::int64_t>::max() : query.openedUntilMs;
    bounds.before =
        idAt(query.openedUntilMs == 0 ? kMaxUlidMs : query.openedUntilMs + kClockMarginMs);
    if (!query.before.isNone()) bounds.before = std::min(bounds.before, query.before);
    bounds.from = idAt(query.openedFromMs - kClockMarginMs);
    return bounds;
}

struct ListColumns {
    Texts id, department;
    Numbers state;
    Texts agent, visitorName, visitorEmail;
    PreviewColumns preview;
    Numbers sharedSeq, openedAt, waitingSince, assignedAt, closedAt;

    auto all() {
        return std::tie(id, department, state, agent, visitorName, visitorEmail, preview.event,
                        preview.outdated, sharedSeq, openedAt, waitingSince, assignedAt, closedAt);
    }
    std::vector<ListedConversation> rows() const {
        std::vector<ListedConversation> rows;
        for (std::size_t i = 0; i < id.size(); ++i) {
            rows.push_back({.id = toId<ConversationId>(id[i]),
                            .department = department[i],
                            .state = static_cast<ConversationState>(state[i]),
                            .agent = agent[i],
                            .visitorName = visitorName[i],
                            .visitorEmail = visitorEmail[i],
                            .preview = preview.at(i),
                            .headSeq = toUnsigned(sharedSeq[i]),
                            .openedAtMs = openedAt[i],
                            .waitingSinceMs = waitingSince[i],
                            .assignedAtMs = assignedAt[i],
                            .closedAtMs = closedAt[i]});
        }
        return rows;
    }
};

}  // namespace

void DigestColumns::add(const Digest& digest) {
    conversation.push_back(digest.conversation.str());
    department.push_back(digest.department);
    agent.push_back(digest.agent);
    openedAt.push_back(digest.openedAtMs);
    assignedAt.push_back(digest.assignedAtMs);
    respondedAt.push_back(digest.respondedAtMs);
    closedAt.push_back(digest.closedAtMs);
    visitorMessages.push_back(toNumber(digest.visitorMessages));
    agentMessages.push_back(toNumber(digest.agentMessages));
    score.push_back(digest.score);
    sharedSeq.push_back(toNumber(digest.sharedSeq));
    staffSeq.push_back(toNumber(digest.staffSeq));
    indexedSharedSeq.push_back(toNumber(digest.indexedSharedSeq));
    indexedStaffSeq.push_back(toNumber(digest.indexedStaffSeq));
}

std::vector<Digest> DigestColumns::rows() const {
    std::vector<Digest> rows;
    for (std::size_t i = 0; i < conversation.size(); ++i) {
        rows.push_back({.conversation = toId<ConversationId>(conversation[i]),
                        .department = department[i],
                        .agent = agent[i],
                        .openedAtMs = openedAt[i],
                        .assignedAtMs = assignedAt[i],
                        .respondedAtMs = respondedAt[i],
                        .closedAtMs = closedAt[i],
                        .visitorMessages = toUnsigned(visitorMessages[i]),
                        .agentMessages = toUnsigned(agentMessages[i]),
                        .score = static_cast<std::uint32_t>(score[i]),
                        .sharedSeq = toUnsigned(sharedSeq[i]),
                        .staffSeq = toUnsigned(staffSeq[i]),
                        .indexedSharedSeq = toUnsigned(indexedSharedSeq[i]),
                        .indexedStaffSeq = toUnsigned(indexedStaffSeq[i])});
    }
    return rows;
}

Expected<std::vector<ListedConversation>> SqlArchive::list(const ListQuery& query) {
    const Bounds bounds = boundsOf(query);
    // The narrowest index leads; the rest of the conditions only filter.
    const char* statement = !query.visitorEmail.empty() ? "list_by_visitor"
                            : query.agent               ? "list_by_agent"
                                                        : "list_by_site";
    const Poco::Int64 state = query.state ? static_cast<Poco::Int64>(*query.state) : -1;
    const std::string department = query.department ? query.department->str() : std::string();
    const std::string agent = query.agent ? query.agent->str() : std::string();
    return readFrom(connection_, [&](SqlSession& session) {
        ListColumns found;
        const auto rest = std::tuple(
            bounds.from.str(), bounds.before.str(), static_cast<Poco::Int64>(query.openedFromMs),
            static_cast<Poco::Int64>(bounds.untilMs), std::string(department),
            std::string(department), state, state, static_cast<Poco::Int64>(query.limit));
        if (!query.visitorEmail.empty()) {
            session.runOnce(
                statement,
                std::tuple_cat(std::tuple(query.site.str(), std::string(query.visitorEmail),
                                          std::string(agent), std::string(agent)),
                               rest),
                found.all());
        } else if (query.agent) {
            session.runOnce(statement,
                            std::tuple_cat(std::tuple(query.site.str(), std::string(agent)), rest),
                            found.all());
        } else {
            session.runOnce(statement, std::tuple_cat(std::tuple(query.site.str()), rest),
                            found.all());
        }
        return found.rows();
    });
}

Expected<std::vector<Digest>> SqlArchive::digests(const SiteId& site, std::int64_t fromMs,
                                                  std::int64_t untilMs, ConversationId after,
                                                  std::uint32_t limit) {
    const auto from = std::max(after, idAt(fromMs - kClockMarginMs));
    const auto before = idAt(untilMs + kClockMarginMs);
    return readFrom(connection_, [&](SqlSession& session) {
        DigestColumns found;
        session.runOnce(
            "select_digests",
            std::tuple(site.str(), from.str(), before.str(), static_cast<Poco::Int64>(fromMs),
                       static_cast<Poco::Int64>(untilMs), static_cast<Poco::Int64>(limit)),
            found.all());
        return found.rows();
    });
}

}  // namespace parlor::ledger
