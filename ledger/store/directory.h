#pragma once

// The port to what staff keeps beside conversations: departments, agents and canned replies, and
// who changed what. Failures of every call: those of store.h.

#include <cstdint>
#include <string>
#include <vector>

#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor::ledger {

enum class EntryKind : std::uint8_t { department = 1, agent = 2, cannedReply = 3 };

// What names an entry.
struct EntryKey {
    SiteId site;
    EntryKind kind = EntryKind::department;
    std::string id;
    bool operator==(const EntryKey&) const = default;
};

struct DirectoryEntry {
    EntryKey key;
    std::uint64_t version = 0;  // the directory's when it was saved
    std::string bytes;          // the serialized profile
};

struct DirectoryState {
    std::uint64_t version = 0;  // grows with every change at any site
    std::vector<DirectoryEntry> entries;
};

// Who did what to whom. Without an action: nothing that is written down.
struct Deed {
    SiteId site;
    std::string actor;
    std::string action;  // "directory.save_agent"
    std::string target;
};

struct AuditEntry {
    Ulid id;  // of its time
    Deed deed;
};

// Belongs to one thread at a time.
class DirectoryStore {
 public:
    virtual ~DirectoryStore() = default;

    virtual Expected<std::uint64_t> version() = 0;
    // Everything, of all sites, as it was at one version or later.
    virtual Expected<DirectoryState> all() = 0;
    // Each writes the deed with the change, and returns the directory's new version. `ifVersion`:
    // not 0: conflict where the entry has another version, or is not there.
    virtual Expected<std::uint64_t> save(const EntryKey& key, const std::string& bytes,
                                         std::uint64_t ifVersion, const Deed& deed) = 0;
    // notFound where there is no such entry.
    virtual Expected<std::uint64_t> remove(const EntryKey& key, const Deed& deed) = 0;

    // A deed without a change here.
    virtual Expected<void> note(const Deed& deed) = 0;
    // Deeds at a site that are older than `before` (none: all), newest first.
    virtual Expected<std::vector<AuditEntry>> audit(const SiteId& site, const Ulid& before,
                                                    std::uint32_t limit) = 0;
};

}  // namespace parlor::ledger
