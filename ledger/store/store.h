#pragma once

// The port to the database. Failures of every call: unavailable (the database is away, busy, full
// or read-only: nothing was written, or, when the connection broke during the commit, it is not
// known; try again), internal (the database refused these very data: trying again does not help).

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/store/archive.h"
#include "ledger/store/directory.h"
#include "ledger/store/dispatch_reader.h"
#include "ledger/store/eraser.h"
#include "ledger/store/jobs.h"
#include "ledger/store/loads.h"
#include "ledger/store/records.h"
#include "ledger/store/search_index.h"
#include "proto/errors.h"

namespace parlor::ledger {

// What a batch touches.
struct Scope {
    std::vector<ConversationId> conversations;  // no duplicates
    std::vector<DraftKey> drafts;               // no duplicates
    std::vector<AgentKey> agents;               // who could be given something; no duplicates
};

// The state of the scope inside the transaction. Where somebody else turns out to have changed it,
// the transaction starts again.
struct Snapshot {
    std::uint32_t epoch = 0;
    std::unordered_map<ConversationId, Conversation> conversations;  // those that exist
    std::unordered_map<DraftKey, KnownEvent> known;                  // those recorded before
    Loads loads;  // of the scope's agents; nobody else adds to them until the end
};

// What a batch writes. The rows belong to who decides, and stay as they are until record() returns
// or decides again.
struct Changes {
    std::vector<const Conversation*> opened;
    std::vector<const Conversation*> changed;
    // Changed, but standsAs() what the snapshot has, and nothing new in the staff's stream.
    std::vector<const Conversation*> advanced;
    std::vector<NewEvent> events;
    // Those that are kept already stay as they are.
    std::vector<NewRefusal> refusals;
    // The same; each comes with an event.
    std::vector<Participant> participants;
    bool empty() const {
        return opened.empty() && changed.empty() && advanced.empty() && events.empty() &&
               refusals.empty();
    }
};

// Says what to write, given the snapshot. Must not throw, and starts from scratch each time.
using Decide = std::function<const Changes&()>;

// Records. Belongs to one thread at a time.
class Writer {
 public:
    virtual ~Writer() = default;

    // Runs one transaction: fills `snapshot` with the scope, asks `decide` what to write, writes
    // and commits it. When it returns a value all of it is on disk, decided on what was true until
    // then; otherwise none is (but see `unavailable` above). Starts again when another replica came
    // in between, or a draft turned out to be recorded. Writes only conversations of the scope.
    virtual Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) = 0;
};

struct HistoryQuery {
    SiteId site;
    ConversationId conversation;
    v1::Stream stream = v1::STREAM_SHARED;
    std::uint64_t afterSeq = 0;
    std::uint32_t limit = 0;
};

struct HistoryPage {
    std::uint32_t epoch = 0;
    std::uint64_t headSeq = 0;
    std::vector<std::string> events;  // serialized, ascending from afterSeq + 1
};

// What became of a draft. Neither: nothing is known of it.
struct Outcome {
    std::optional<Place> recorded;
    std::optional<Error> refused;  // and not recorded since
};

struct QueueLength {
    SiteId site;
    DepartmentId department;
    std::uint32_t waiting = 0;
};

struct HeadEvent {
    ConversationId conversation;
    v1::Stream stream = v1::STREAM_UNSPECIFIED;
    std::string bytes;
};

// Reads what is committed, beside the writer and never in its way. Belongs to one thread at a time.
class Reader {
 public:
    virtual ~Reader() = default;

    // notFound where the site has no such conversation.
    virtual Expected<HistoryPage> history(const HistoryQuery& query) = 0;
    virtual Expected<Outcome> outcome(const SiteId& site, const DraftKey& key) = 0;
    virtual Expected<std::uint32_t> epoch() = 0;

    // Those that exist, in no order.
    virtual Expected<std::vector<Conversation>> conversations(
        std::span<const ConversationId> ids) = 0;
    // How they stand; likewise.
    virtual Expected<std::vector<Standing>> standings(std::span<const ConversationId> ids) = 0;
    // All conversations with an id greater than `after`, by id.
    virtual Expected<std::vector<Conversation>> all(ConversationId after, std::uint32_t limit) = 0;
    // Conversations not closed with an id greater than `after`, by id.
    virtual Expected<std::vector<Conversation>> open(ConversationId after, std::uint32_t limit) = 0;
    // Conversations closed later than (`sinceMs`, `after`), by time and id.
    virtual Expected<std::vector<Conversation>> closedSince(std::int64_t sinceMs,
                                                            ConversationId after,
                                                            std::uint32_t limit) = 0;
    // The newest event of each stream of each conversation that has one.
    virtual Expected<std::vector<HeadEvent>> heads(std::span<const Conversation> of) = 0;
    // Queues with somebody in them.
    virtual Expected<std::vector<QueueLength>> queues() = 0;
};

// Thread-safe. Must outlive its writers and readers.
class Store {
 public:
    virtual ~Store() = default;

    // Brings the schema up to date; safe to run from several replicas at once. internal where the
    // database belongs to a newer version of the program.
    virtual Expected<void> migrate() = 0;
    // True where other replicas may write to it at the same time.
    virtual bool isShared() const = 0;
    virtual std::unique_ptr<Writer> makeWriter() = 0;
    virtual std::unique_ptr<Reader> makeReader() = 0;
    virtual std::unique_ptr<DispatchReader> makeDispatchReader() = 0;
    virtual std::unique_ptr<DirectoryStore> makeDirectory() = 0;
    virtual std::unique_ptr<Archive> makeArchive() = 0;
    virtual std::unique_ptr<SearchIndex> makeSearchIndex() = 0;
    virtual std::unique_ptr<JobStore> makeJobs() = 0;
    virtual std::unique_ptr<Eraser> makeEraser() = 0;
};

}  // namespace parlor::ledger
