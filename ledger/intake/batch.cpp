#include "ledger/intake/batch.h"

#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kSaltBytes = 16;

// Drawn for a whole batch at once: a call costs more than its bytes.
std::string randomBytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error("no random bytes from the system");
    }
    return bytes;
}

std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Who has it: holds it, or is offered it.
std::optional<AgentId> keeperOf(const Conversation& row) {
    if (row.state == ConversationState::assigned) return row.agent;
    if (row.state == ConversationState::waiting && row.offer) return row.offer->agent;
    return std::nullopt;
}

// In small letters, as far as they are ASCII.
std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// The agent that a draft could give something to, where what it has must be counted.
std::optional<AgentId> countedReceiver(const Desk& desk, const Submission& submission,
                                       const v1::Draft& draft) {
    const auto receiver = receiverOf(submission.agent, draft);
    if (!receiver || draft.has_transfer()) return receiver;
    return desk.limit(submission.site, *receiver) ? receiver : std::nullopt;
}

Error noConversation() { return {Errc::notFound, "no such conversation"}; }

}  // namespace

std::size_t Batch::drafts() const {
    std::size_t count = 0;
    for (const auto& submission : submissions_) count += submission.drafts();
    return count;
}

Scope Batch::scope() const {
    Scope scope;
    std::unordered_set<ConversationId> conversations;
    std::unordered_set<DraftKey> drafts;
    std::unordered_set<AgentKey> agents;
    const auto addDraft = [&](const ConversationId& conversation, const RequestId& request) {
        if (drafts.insert({conversation, request}).second) {
            scope.drafts.push_back({conversation, request});
        }
    };
    const auto addAgent = [&](const SiteId& site, const std::optional<AgentId>& agent) {
        if (agent && agents.insert({site, *agent}).second) scope.agents.push_back({site, *agent});
    };
    for (const auto& submission : submissions_) {
        if (conversations.insert(submission.conversation).second) {
            scope.conversations.push_back(submission.conversation);
        }
        if (const auto* open = std::get_if<CheckedOpen>(&submission.content)) {
            addDraft(submission.conversation, open->request);
            continue;
        }
        if (const auto* command = std::get_if<Command>(&submission.content)) {
            const auto* offer = std::get_if<MakeOffer>(&command->what);
            if (offer != nullptr) addAgent(submission.site, offer->agent);
            continue;
        }
        for (const auto& checked : std::get<std::vector<CheckedDraft>>(submission.content)) {
            if (!checked.request) continue;
            addDraft(submission.conversation, *checked.request);
            addAgent(submission.site, countedReceiver(desk_, submission, checked.draft));
        }
    }
    return scope;
}

const Changes& Batch::decide() {
    nowMs_ = unixMs();
    work_.clear();
    placed_.clear();
    publications_.clear();
    responses_.clear();
    refusals_.clear();
    duplicates_ = 0;
    changes_ = {};
    changes_.events.reserve(drafts());
    loads_ = snapshot_.loads;
    salts_ = randomBytes(drafts() * kSaltBytes);
    saltsUsed_ = 0;
    for (deciding_ = 0; deciding_ < submissions_.size(); ++deciding_) {
        const auto& submission = submissions_[deciding_];
        if (const auto* open = std::get_if<CheckedOpen>(&submission.content)) {
            responses_.push_back(decideOpen(submission, *open));
            continue;
        }
        if (const auto* command = std::get_if<Command>(&submission.content)) {
            decideCommand(submission, *command);
            responses_.emplace_back();
            continue;
        }
        v1::Response response;
        for (const auto& checked : std::get<std::vector<CheckedDraft>>(submission.content)) {
            *response.mutable_post()->add_receipts() = decideDraft(submission, checked);
        }
        responses_.push_back(std::move(response));
    }
    for (const auto& [id, work] : work_) {
        if (!work.now) continue;
        if (work.before == nullptr) {
            changes_.opened.push_back(&*work.now);
        } else if (!work.before->standsAs(*work.now) || work.before->staff != work.now->staff) {
            changes_.changed.push_back(&*work.now);
        } else if (*work.before != *work.now) {
            changes_.advanced.push_back(&*work.now);
        }
    }
    return changes_;
}

Batch::Work* Batch::find(const Submission& submission) {
    auto [at, isNew] = work_.try_emplace(submission.conversation);
    Work& work = at->second;
    if (isNew) {
        const auto known = snapshot_.conversations.find(submission.conversation);
        if (known != snapshot_.conversations.end()) {
            work.before = &known->second;
            work.now = known->second;
        }
    }
    return work.now && work.now->site != submission.site ? nullptr : &work;
}

std::optional<Place> Batch::repeated(const DraftKey& key) {
    if (const auto here = placed_.find(key); here != placed_.end()) {
        ++duplicates_;
        return here->second;
    }
    const auto known = snapshot_.known.find(key);
    if (known == snapshot_.known.end()) return std::nullopt;
    ++duplicates_;
    publications_.push_back({key, known->second.place, std::nullopt, deciding_});
    placed_.emplace(key, known->second.place);
    return known->second.place;
}

v1::Receipt Batch::decideDraft(const Submission& submission, const CheckedDraft& checked) {
    v1::Receipt receipt;
    receipt.set_request_id(checked.draft.request_id());
    const auto refuse = [&](const Error& error) {
        const auto request = RequestId::parse(checked.draft.request_id());
        refusals_.push_back(
            {error.code, deciding_, request ? std::optional(*request) : std::nullopt});
        *receipt.mutable_failure() = toFailure(error);
        return receipt;
    };
    if (!checked.request) return refuse(checked.request.error());
    Work* work = find(submission);
    if (work == nullptr || !work->now) return refuse(noConversation());
    const DraftKey key{submission.conversation, *checked.request};
    if (const auto place = repeated(key)) {
        work->healing = true;
        *receipt.mutable_recorded() = toRecorded(*place);
        return receipt;
    }
    Author author{submission.agent, work->now->visitorName};
    if (author.agent) author.name = desk_.nameOf(submission.site, *author.agent);
    auto verdict = judge(sceneOf(*work), author, checked.draft);
    if (!verdict) {
        // Agents ask again themselves; a visitor may ask what became of it at any gateway.
        if (!author.agent) changes_.refusals.push_back({key, verdict.error(), nowMs_});
        return refuse(verdict.error());
    }
    const auto* known = std::get_if<Place>(&*verdict);
    const Place place =
        known != nullptr
            ? *known
            : recordAll(*work, std::get<std::vector<v1::Event>>(std::move(*verdict)), key.request);
    *receipt.mutable_recorded() = toRecorded(place);
    return receipt;
}

void Batch::decideCommand(const Submission& submission, const Command& command) {
    Work* work = find(submission);
    if (work == nullptr || !work->now) return;
    auto events = judge(sceneOf(*work), command);
    if (!events.empty()) recordAll(*work, std::move(events), RequestId::generate());
}

Scene Batch::sceneOf(const Work& work) const {
    return {*work.now, desk_, loads_, nowMs_, reopenWithin_};
}

// The last event bears the draft's id, so that all of them are there when it comes again.
Place Batch::recordAll(Work& work, std::vector<v1::Event> events, const RequestId& request) {
    Place place;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const bool last = i + 1 == events.size();
        place = record(work, std::move(events[i]), last ? request : RequestId::generate());
    }
    return place;
}

v1::Response Batch::decideOpen(const Submission& submission, const CheckedOpen& open) {
    v1::Response response;
    Work* work = find(submission);
    if (work != nullptr && work->now) {
        if (const auto place = repeated({submission.conversation, open.request})) {
            work->healing = true;
            *response.mutable_open()->mutable_recorded() = toRecorded(*place);
            return response;
        }
    }
    if (work == nullptr || work->now) {
        refusals_.push_back({Errc::conflict, deciding_, open.request});
        *response.mutable_failure() = toFailure({Errc::conflict, "the conversation exists"});
        return response;
    }
    // The default one is there unsaid. Any other name would be a queue that nobody asked for.
    if (open.department.str() != kDefaultDepartment &&
        !desk_.exists(submission.site, open.department)) {
        const Error error{Errc::notFound, "no such department: " + open.department.str()};
        refusals_.push_back({error.code, deciding_, open.request});
        *response.mutable_failure() = toFailure(error);
        return response;
    }
    work->now = Conversation{.id = submission.conversation,
                             .site = submission.site,
                             .department = open.department,
                             .agent = {},
                             .priority = desk_.priority(submission.site, open.department),
                             .shared = {},
                             .staff = {},
                             .visitorName = open.visitor.name(),
                             .preview = {},
                             .openedAtMs = nowMs_,
                             .waitingSinceMs = nowMs_,
                             .visitorEmail = lowered(open.visitor.email())};
    v1::Event event;
    event.set_stream(v1::STREAM_SHARED);
    event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
    event.mutable_author()->set_name(open.visitor.name());
    *event.mutable_opened()->mutable_visitor() = open.visitor;
    event.mutable_opened()->set_department(open.department.str());
    event.mutable_opened()->set_offline(!desk_.isOpen(submission.site, open.department, nowMs_));
    event.mutable_opened()->set_priority(work->now->priority);
    const Place place = record(*work, std::move(event), open.request);
    *response.mutable_open()->mutable_recorded() = toRecorded(place);
    return response;
}

Place Batch::record(Work& work, v1::Event event, const RequestId& request) {
    Conversation& row = *work.now;
    Head& head = event.stream() == v1::STREAM_STAFF ? row.staff : row.shared;
    const Place place{event.stream(), head.seq + 1};
    event.set_conversation(row.id.str());
    event.set_seq(place.seq);
    event.set_epoch(snapshot_.epoch);
    event.set_recorded_at_ms(nowMs_);
    event.set_request_id(request.str());
    event.set_salt(std::string(nextSalt()));
    event.set_content_hash(contentHash(event));
    event.set_previous_hash(head.hash);
    if (event.stream() == v1::STREAM_STAFF) event.set_after_seq(row.shared.seq);
    head = {place.seq, canonicalHash(event)};
    if (const auto agent = newParticipant(row, event)) {
        changes_.participants.push_back({row.site, *agent, row.id});
    }
    const auto keeper = loads_.empty() ? std::nullopt : keeperOf(row);
    apply(row, event);
    if (!loads_.empty()) countLoads(keeper, row);

    const DraftKey key{row.id, request};
    placed_.emplace(key, place);
    publications_.push_back({key, place, changes_.events.size(), deciding_});
    changes_.events.push_back({key, place, nowMs_, encode(event), head.hash});
    return place;
}

void Batch::countLoads(const std::optional<AgentId>& before, const Conversation& row) {
    const auto after = keeperOf(row);
    if (before == after) return;
    const auto add = [&](const std::optional<AgentId>& agent, std::uint32_t one) {
        if (!agent) return;
        const auto load = loads_.find({row.site, *agent});
        if (load != loads_.end()) load->second += one;
    };
    add(before, static_cast<std::uint32_t>(-1));
    add(after, 1);
}

std::string_view Batch::nextSalt() {
    // Some drafts make several events.
    if (saltsUsed_ == salts_.size()) {
        salts_ = randomBytes(drafts() * kSaltBytes);
        saltsUsed_ = 0;
    }
    saltsUsed_ += kSaltBytes;
    return std::string_view(salts_).substr(saltsUsed_ - kSaltBytes, kSaltBytes);
}

v1::Recorded Batch::toRecorded(const Place& place) const {
    v1::Recorded recorded;
    recorded.set_epoch(snapshot_.epoch);
    recorded.set_stream(place.stream);
    recorded.set_seq(place.seq);
    return recorded;
}

std::string Batch::takeBytes(const Publication& publication) {
    auto& bytes = publication.fresh ? changes_.events[*publication.fresh].bytes
                                    : snapshot_.known.at(publication.key).bytes;
    return std::move(bytes);
}

void Batch::announce(Announcer& announcer, Metrics& metrics, DraftLog& log,
                     const Changed& changed) {
    metrics.recorded(changes_.events.size());
    for (std::size_t i = 0; i < duplicates_; ++i) metrics.duplicate();
    for (const auto& refused : refusals_) {
        const Submission& submission = submissions_[refused.submission];
        log.refused(refused.why,
                    {submission.conversation, refused.request ? refused.request->str() : "",
                     submission.traceparent});
    }
    for (const auto& publication : publications_) {
        const Conversation& row = *work_.at(publication.key.conversation).now;
        const auto& head = publication.place.stream == v1::STREAM_STAFF ? row.staff : row.shared;
        announcer.event(row.site, row.id, publication.place.stream, publication.place.seq,
                        takeBytes(publication), publication.place.seq == head.seq,
                        submissions_[publication.submission].traceparent);
    }
    for (const auto& [id, work] : work_) {
        if (!work.now) continue;
        if (work.healing) {
            announcer.whole(*work.now);
        } else {
            announcer.change(work.before, *work.now);
        }
        if (work.before == nullptr || !work.before->standsAs(*work.now)) {
            changed(work.before, *work.now);
        }
    }
    std::vector<std::pair<ReplyAddress, v1::Response>> receipts;
    for (std::size_t i = 0; i < submissions_.size(); ++i) {
        if (const auto* command = std::get_if<Command>(&submissions_[i].content)) {
            command->ticket->outcome = Ticket::Outcome::decided;
        }
        if (!submissions_[i].reply) continue;
        receipts.emplace_back(std::move(*submissions_[i].reply), std::move(responses_[i]));
    }
    announcer.receipts(std::move(receipts));
}

}  // namespace parlor::ledger
