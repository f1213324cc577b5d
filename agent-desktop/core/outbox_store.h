#pragma once

#include <QLockFile>
#include <QString>
#include <memory>
#include <vector>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/outbox_item.h"

namespace parlor::agent {

// The outbox on disk: one file per site and agent, {"version":1,"drafts":[{"conversation",
// "draft" (base64 of v1.Draft), "created_at_ms", "failure":{"code","text"}}]}, readable by its
// owner only. Not thread-safe.
class OutboxStore {
 public:
    OutboxStore(const QString& directory, const SiteId& site, const AgentId& agent);

    // Makes the directory and takes the file for this process. `conflict` when another running
    // program holds it, `unavailable` when the directory cannot be made or written.
    Expected<void> open();

    // What save() wrote last; nothing where there is no file. `malformed` when it cannot be read:
    // the file is then kept beside, with ".broken" appended, for a person to look at.
    Expected<std::vector<OutboxItem>> load();

    // Replaces the file; on disk when it returns. `unavailable` says why it could not.
    Expected<void> save(const std::vector<OutboxItem>& items);

    const QString& path() const { return path_; }

 private:
    const QString directory_;
    const QString path_;
    std::unique_ptr<QLockFile> lock_;
};

}  // namespace parlor::agent
