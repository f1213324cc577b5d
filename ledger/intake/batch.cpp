#include "ledger/intake/batch.h"

#include <openssl/rand.h>

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
    const auto addDraft = [&](const ConversationId& conversation, const RequestId& request) {
        if (drafts.insert({conversation, request}).second) {
            scope.drafts.push_back({conversation, request});
        }
    };
    for (const auto& submission : submissions_) {
        if (conversations.insert(submission.conversation).second) {
            scope.conversations.push_back(submission.conversation);
        }
        if (const auto* open = std::get_if<CheckedOpen>(&submission.content)) {
            addDraft(submission.conversation, open->request);
            continue;
        }
        for (const auto& checked : std::get<std::vector<CheckedDraft>>(submission.content)) {
            if (checked.request) addDraft(submission.conversation, *checked.request);
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
    salts_ = randomBytes(drafts() * kSaltBytes);
    for (const auto& submission : submissions_) {
        if (const auto* open = std::get_if<CheckedOpen>(&submission.content)) {
            responses_.push_back(decideOpen(submission, *open));
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
        } else if (!work.before->standsAs(*work.now)) {
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
    publications_.push_back({key, known->second.place, std::nullopt});
    placed_.emplace(key, known->second.place);
    return known->second.place;
}

v1::Receipt Batch::decideDraft(const Submission& submission, const CheckedDraft& checked) {
    v1::Receipt receipt;
    receipt.set_request_id(checked.draft.request_id());
    const auto refuse = [&](const Error& error) {
        refusals_.push_back(error.code);
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
    if (author.agent) author.name = agents_.nameOf(submission.site, *author.agent);
    const auto holder =
        work->now->agent ? agents_.nameOf(submission.site, *work->now->agent) : std::string();
    auto verdict = judge(*work->now, author, checked.draft, holder);
    if (!verdict) return refuse(verdict.error());
    const auto* known = std::get_if<Place>(&*verdict);
    const Place place = known != nullptr
                            ? *known
                            : record(*work, std::get<v1::Event>(std::move(*verdict)), key.request);
    *receipt.mutable_recorded() = toRecorded(place);
    return receipt;
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
        refusals_.push_back(Errc::conflict);
        *response.mutable_failure() = toFailure({Errc::conflict, "the conversation exists"});
        return response;
    }
    work->now = Conversation{.id = submission.conversation,
                             .site = submission.site,
                             .department = open.department,
                             .agent = {},
                             .shared = {},
                             .staff = {},
                             .visitorName = open.visitor.name(),
                             .preview = {},
                             .openedAtMs = nowMs_,
                             .waitingSinceMs = nowMs_};
    v1::Event event;
    event.set_stream(v1::STREAM_SHARED);
    event.mutable_author()->set_kind(v1::Party::KIND_VISITOR);
    event.mutable_author()->set_name(open.visitor.name());
    *event.mutable_opened()->mutable_visitor() = open.visitor;
    event.mutable_opened()->set_department(open.department.str());
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
    event.set_salt(salts_.substr(changes_.events.size() * kSaltBytes, kSaltBytes));
    event.set_content_hash(contentHash(event));
    event.set_previous_hash(head.hash);
    if (event.stream() == v1::STREAM_STAFF) event.set_after_seq(row.shared.seq);
    head = {place.seq, canonicalHash(event)};
    apply(row, event);

    const DraftKey key{row.id, request};
    placed_.emplace(key, place);
    publications_.push_back({key, place, changes_.events.size()});
    changes_.events.push_back({key, place, nowMs_, encode(event), head.hash});
    return place;
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

void Batch::announce(Announcer& announcer, Metrics& metrics) {
    for (const auto& publication : publications_) {
        const Conversation& row = *work_.at(publication.key.conversation).now;
        const auto& head = publication.place.stream == v1::STREAM_STAFF ? row.staff : row.shared;
        announcer.event(row.site, row.id, publication.place.stream, publication.place.seq,
                        takeBytes(publication), publication.place.seq == head.seq);
    }
    for (const auto& [id, work] : work_) {
        if (!work.now) continue;
        if (work.healing) {
            announcer.whole(*work.now);
        } else {
            announcer.change(work.before, *work.now);
        }
    }
    for (std::size_t i = 0; i < submissions_.size(); ++i) {
        announcer.reply(submissions_[i].reply, responses_[i]);
    }
    metrics.recorded(changes_.events.size());
    for (std::size_t i = 0; i < duplicates_; ++i) metrics.duplicate();
    for (const Errc why : refusals_) metrics.refused(why);
}

}  // namespace parlor::ledger
