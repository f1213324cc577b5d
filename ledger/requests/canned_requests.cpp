#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

v1::Response list(const Profiles& profiles, std::uint64_t version, const Caller& caller) {
    v1::Response response;
    auto& canned = *response.mutable_canned();
    canned.set_version(version);
    for (const auto& [id, each] : profiles.replies) {
        const auto& owner = each.profile.owner();
        if (!owner.empty() && owner != caller.id.str()) continue;
        auto& entry = *canned.add_replies();
        *entry.mutable_reply() = each.profile;
        entry.set_version(each.version);
    }
    return response;
}

// Whether the caller may write a reply of this owner. Others' own ones are nobody else's business.
Expected<void> mayWrite(const Caller& caller, const std::string& owner) {
    if (owner.empty()) return mayDo(caller, "canned.share");
    if (owner == caller.id.str()) return {};
    return Error{Errc::forbidden, "canned: the reply is somebody else's"};
}

// Only what concerns everybody is written down.
Deed deedOf(const Caller& caller, const std::string& owner, std::string action,
            const std::string& id) {
    return {caller.site, caller.id.str(), owner.empty() ? std::move(action) : std::string(), id};
}

Expected<std::uint64_t> save(ProfileKeeper& keeper, const Profiles& profiles, const Caller& caller,
                             const v1::CannedRequest::Save& request) {
    const auto& reply = request.reply();
    if (auto ok = validate(reply); !ok) return ok.error();
    if (auto may = mayWrite(caller, reply.owner()); !may) return may.error();
    const auto known = profiles.replies.find(reply.id());
    if (known != profiles.replies.end()) {
        const auto may = mayWrite(caller, known->second.profile.owner());
        if (!may) return may.error();
    } else if (profiles.replies.size() >= kMaxReplies) {
        return Error{Errc::tooLarge, "canned: at most " + std::to_string(kMaxReplies)};
    }
    return keeper.save({caller.site, EntryKind::cannedReply, reply.id()}, encode(reply),
                       request.if_version(),
                       deedOf(caller, reply.owner(), "canned.share", reply.id()));
}

Expected<std::uint64_t> remove(ProfileKeeper& keeper, const Profiles& profiles,
                               const Caller& caller, const std::string& id) {
    const auto known = profiles.replies.find(id);
    if (known == profiles.replies.end()) return Error{Errc::notFound, "no such reply"};
    const auto& owner = known->second.profile.owner();
    if (auto may = mayWrite(caller, owner); !may) return may.error();
    return keeper.remove({caller.site, EntryKind::cannedReply, id},
                         deedOf(caller, owner, "canned.remove", id));
}

}  // namespace

Expected<v1::Response> answerCanned(ProfileKeeper& keeper, const Caller& caller,
                                    const v1::CannedRequest& request) {
    const auto profiles = keeper.site(caller.site);
    if (!profiles) return Error{Errc::unavailable, "the directory has not been read yet"};
    if (request.has_list()) return list(*profiles, keeper.version(), caller);
    const auto version = request.has_save() ? save(keeper, *profiles, caller, request.save())
                                            : remove(keeper, *profiles, caller, request.remove());
    if (!version) return version.error();
    v1::Response response;
    response.mutable_canned()->set_version(*version);
    return response;
}

}  // namespace parlor::ledger
