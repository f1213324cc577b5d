#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

template <class Entry>
void add(v1::DirectoryResponse& directory, const Entry& entry) {
    auto& agent = *directory.add_agents();
    *agent.mutable_profile() = entry.profile;
    agent.set_version(entry.version);
}

v1::Response list(const Profiles& profiles, std::uint64_t version, const std::string& only) {
    v1::Response response;
    auto& directory = *response.mutable_directory();
    directory.set_version(version);
    if (!only.empty()) {
        const auto found = profiles.agents.find(only);
        if (found != profiles.agents.end()) add(directory, found->second);
        return response;
    }
    for (const auto& [id, each] : profiles.departments) {
        auto& department = *directory.add_departments();
        *department.mutable_profile() = each.profile;
        department.set_version(each.version);
    }
    for (const auto& [id, each] : profiles.agents) add(directory, each);
    return response;
}

v1::Response changed(std::uint64_t version) {
    v1::Response response;
    response.mutable_directory()->set_version(version);
    return response;
}

// Not exact where two add at once, which does no harm.
template <class Entries>
bool isFull(const Entries& entries, const std::string& id, std::size_t limit) {
    return !entries.contains(id) && entries.size() >= limit;
}

// The change that a request asks for.
struct Change {
    EntryKey key;
    std::string bytes;  // empty: remove it
    std::uint64_t ifVersion = 0;
};

template <class Profile, class Entries>
Expected<Change> saving(const Caller& caller, EntryKind kind, const Profile& profile,
                        std::uint64_t ifVersion, const Entries& entries, std::size_t limit) {
    if (auto ok = validate(profile); !ok) return ok.error();
    if (isFull(entries, profile.id(), limit)) {
        return Error{Errc::tooLarge, "directory: at most " + std::to_string(limit) + " of them"};
    }
    return Change{{caller.site, kind, profile.id()}, encode(profile), ifVersion};
}

Expected<Change> toChange(const Caller& caller, const v1::DirectoryRequest& request,
                          const Profiles& profiles) {
    switch (request.action_case()) {
        case v1::DirectoryRequest::kSaveDepartment:
            return saving(caller, EntryKind::department, request.save_department().profile(),
                          request.save_department().if_version(), profiles.departments,
                          kMaxDepartments);
        case v1::DirectoryRequest::kSaveAgent:
            return saving(caller, EntryKind::agent, request.save_agent().profile(),
                          request.save_agent().if_version(), profiles.agents, kMaxAgents);
        case v1::DirectoryRequest::kRemoveDepartment:
            return Change{{caller.site, EntryKind::department, request.remove_department()}, {}, 0};
        case v1::DirectoryRequest::kRemoveAgent:
            return Change{{caller.site, EntryKind::agent, request.remove_agent()}, {}, 0};
        default:
            return Error{Errc::malformed, "directory: no action"};
    }
}

// Not exact where a visitor comes at once: who waits there can still be picked.
Expected<void> checkNobodyWaits(Archive& archive, const EntryKey& key) {
    const auto department = DepartmentId::parse(key.id);
    if (!department) return department.error();
    const auto waiting = archive.list({.site = key.site,
                                       .department = *department,
                                       .state = ConversationState::waiting,
                                       .limit = 1});
    if (!waiting) return waiting.error();
    if (waiting->empty()) return {};
    return Error{Errc::conflict, "conversations wait for " + key.id + ": transfer them first"};
}

}  // namespace

Expected<v1::Response> answerDirectory(ProfileKeeper& keeper, Archive& archive,
                                       const Caller& caller, const v1::Request& request) {
    const auto profiles = keeper.site(caller.site);
    if (!profiles) return Error{Errc::unavailable, "the directory has not been read yet"};
    if (request.directory().has_list()) {
        return list(*profiles, keeper.version(), request.directory().list().agent());
    }
    const auto change = toChange(caller, request.directory(), *profiles);
    if (!change) return change.error();
    if (request.directory().has_remove_department()) {
        const auto may = checkNobodyWaits(archive, change->key);
        if (!may) return may.error();
    }
    const Deed deed{caller.site, caller.id.str(), std::string(actionOf(request)), change->key.id};
    const auto version = change->bytes.empty()
                             ? keeper.remove(change->key, deed)
                             : keeper.save(change->key, change->bytes, change->ifVersion, deed);
    if (!version) return version.error();
    return changed(*version);
}

}  // namespace parlor::ledger
