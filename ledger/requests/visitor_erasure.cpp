#include "ledger/requests/visitor_erasure.h"

#include <algorithm>
#include <span>

#include "ledger/requests/job_lease.h"
#include "ledger/search/digest.h"
#include "ledger/search/erasure.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kListPage = 100;
constexpr std::uint32_t kIndexedAtOnce = 32;
// A visitor may speak again between the close and the erasing.
constexpr int kMostCloses = 5;
constexpr int kMostSweeps = 3;  // where the broker does not answer
constexpr std::chrono::milliseconds kSweepWithin{12'000};
constexpr std::chrono::milliseconds kBetweenSweeps{500};
// What is on its way to the broker when it is asked is there the next time.
constexpr int kMostLooks = 10;
constexpr std::chrono::milliseconds kBetweenLooks{200};

Error interrupted() { return {Errc::unavailable, "the ledger stops"}; }

std::uint64_t countTelling(const std::vector<bus::Message>& messages) {
    return static_cast<std::uint64_t>(
        std::count_if(messages.begin(), messages.end(), [](const bus::Message& message) {
            const auto topic = topics::parse(message.topic);
            return !topic || tellsOfVisitor(*topic, message.payload);
        }));
}

}  // namespace

VisitorErasure::VisitorErasure(Store& store, JobStore& jobs, Reader& reader, Eraser& eraser,
                               ErasureWays ways, Awaiter& awaiter)
    : jobs_(jobs),
      reader_(reader),
      eraser_(eraser),
      archive_(store.makeArchive()),
      index_(store.makeSearchIndex()),
      ways_(std::move(ways)),
      awaiter_(awaiter) {}

// The job's progress: which conversations, then each one's part of the receipt. Of the last of
// those the broker may not have been told.
Expected<v1::ErasureReceipt> VisitorErasure::carryOut(const Job& job,
                                                      const v1::EraseRequest& request) {
    auto receipt = list(job, request);
    if (!receipt) return receipt;
    const auto begun = static_cast<int>(job.progress.size()) - 1;
    for (int i = 0; i < receipt->conversations_size(); ++i) {
        if (awaiter_.isStopping()) return interrupted();
        auto& part = *receipt->mutable_conversations(i);
        const auto id = ConversationId::parse(part.conversation());
        if (!id) return id.error();
        if (i < begun) {
            if (!part.ParseFromString(job.progress[static_cast<std::size_t>(i) + 1])) {
                return Error{Errc::internal, "what was kept of the job does not parse"};
            }
            if (i + 1 < begun) continue;
        } else if (auto erased = eraseOne(job, *receipt, i); !erased) {
            return erased.error();
        }
        if (auto done = forgetRetained(job, *id, part); !done) return done.error();
        const auto number = static_cast<std::uint32_t>(i) + 1;
        if (auto kept = keep(job, number, part); !kept) return kept.error();
    }
    receipt->set_at_ms(unixMs());
    return receipt;
}

Expected<void> VisitorErasure::keep(const Job& job, std::uint32_t number,
                                    const google::protobuf::Message& piece) {
    return jobs_.keep(job.id, number, piece.SerializeAsString(), jobLeaseMs());
}

Expected<std::vector<ConversationId>> VisitorErasure::find(const SiteId& site,
                                                           const v1::EraseRequest& request) {
    std::vector<ConversationId> ids;
    if (request.has_conversation()) {
        const auto id = ConversationId::parse(request.conversation());
        if (!id) return id.error();
        ids.push_back(*id);
        return ids;
    }
    ListQuery query{.site = site, .visitorEmail = request.visitor_email(), .limit = kListPage};
    for (;;) {
        const auto page = archive_->list(query);
        if (!page) return page.error();
        for (const auto& each : *page) ids.push_back(each.id);
        if (page->size() < kListPage) return ids;
        query.before = ids.back();
    }
}

// Erasing takes the address away by which they were found: so they are kept before.
Expected<v1::ErasureReceipt> VisitorErasure::list(const Job& job, const v1::EraseRequest& request) {
    v1::ErasureReceipt list;
    if (!job.progress.empty()) {
        if (list.ParseFromString(job.progress.front())) return list;
        return Error{Errc::internal, "what was kept of the job does not parse"};
    }
    const auto ids = find(job.site, request);
    if (!ids) return ids.error();
    for (const auto& id : *ids) list.add_conversations()->set_conversation(id.str());
    if (auto kept = keep(job, 0, list); !kept) return kept.error();
    return list;
}

Expected<void> VisitorErasure::eraseOne(const Job& job, v1::ErasureReceipt& list, int index) {
    auto& part = *list.mutable_conversations(index);
    const auto id = *ConversationId::parse(part.conversation());
    const auto before = sweep(job.site, id);
    if (!before) return before.error();
    const auto erased = eraseContent(job, list, index);
    if (!erased) return erased.error();
    const auto left = eraser_.left(job.site, id, stripped, erased->open ? nullptr : &*erased);
    if (!left) return left.error();
    part.set_events(erased->events);
    part.set_search_entries(erased->postings.size());
    part.set_transcripts(erased->transcripts);
    part.set_participants(erased->participants);
    part.set_left(*left);
    part.set_retained(countTelling(*before));
    return keep(job, static_cast<std::uint32_t>(index) + 1, part);
}

Expected<Erased> VisitorErasure::eraseContent(const Job& job, v1::ErasureReceipt& list, int index) {
    auto& part = *list.mutable_conversations(index);
    const auto id = *ConversationId::parse(part.conversation());
    const Deed deed{job.site, job.owner, "erase.visitor", id.str()};
    for (int closes = 0;; ++closes) {
        if (auto indexed = catchUp(id); !indexed) return indexed.error();
        auto erased = eraser_.erase(job.site, id, stripped, termsOfEvent, deed);
        if (!erased || !erased->open || closes == kMostCloses) return erased;
        // Kept, for once it is closed nobody can tell.
        part.set_open(true);
        if (auto kept = keep(job, 0, list); !kept) return kept.error();
        if (auto closed = close(id); !closed) return closed.error();
    }
}

Expected<void> VisitorErasure::close(const ConversationId& id) {
    const auto rows = reader_.conversations(std::span(&id, 1));
    if (!rows) return rows.error();
    if (rows->empty()) return Error{Errc::notFound, "no such conversation"};
    const auto closed = awaiter_.await<bool>(
        [&](std::function<void(bool)> done) { ways_.close(rows->front(), std::move(done)); });
    if (closed.value_or(false)) return {};
    return Error{Errc::unavailable, "the conversation could not be closed"};
}

Expected<void> VisitorErasure::catchUp(const ConversationId& id) {
    for (;;) {
        const auto taken = index_->advance(std::span(&id, 1), kIndexedAtOnce, follow);
        if (!taken) return taken.error();
        if (taken->unfinished.empty()) return {};
    }
}

// Where the conversation goes on again, what is retained of it was said later.
Expected<void> VisitorErasure::forgetRetained(const Job& job, const ConversationId& id,
                                              Part& part) {
    const auto told = awaiter_.await<bool>([&](const std::function<void(bool)>& done) {
        ways_.republish(id, [done] { done(true); });
    });
    if (!told) return interrupted();
    std::uint64_t left = 0;
    for (int looks = 1;; ++looks) {
        auto messages = sweep(job.site, id);
        if (!messages) return messages.error();
        const auto rows = reader_.conversations(std::span(&id, 1));
        if (!rows) return rows.error();
        const bool goesOn = !rows->empty() && rows->front().state != ConversationState::closed;
        left = goesOn ? 0 : countTelling(*messages);
        if (left == 0 || looks == kMostLooks) break;
        if (!awaiter_.rest(kBetweenLooks)) return interrupted();
    }
    part.set_left(part.left() + left);
    part.set_retained(part.retained() - std::min(part.retained(), left));
    return {};
}

Expected<std::vector<bus::Message>> VisitorErasure::sweep(const SiteId& site,
                                                          const ConversationId& id) {
    for (int sweeps = 1;; ++sweeps) {
        auto found = awaiter_.await<Expected<std::vector<bus::Message>>>(
            [&](RetainedSweep::Found done) { ways_.retained(site, id, std::move(done)); },
            kSweepWithin);
        if (found && *found) return std::move(**found);
        if (found && found->error().code == Errc::forbidden) {
            return Error{Errc::forbidden, "the broker does not let the ledger see what it retains"};
        }
        if (sweeps == kMostSweeps || !awaiter_.rest(kBetweenSweeps)) {
            return Error{Errc::unavailable, "the broker does not tell what it retains"};
        }
    }
}

}  // namespace parlor::ledger
