#include "admin/sites.h"

#include <map>

#include "admin/accounts.h"

namespace parlor::admin {
namespace {

using topics::Method;

Expected<v1::DirectoryResponse> directoryOf(LedgerClient& ledger, bus::Deadline deadline) {
    v1::Request request;
    request.mutable_directory()->mutable_list();
    auto answer = ledger.call(Method::directory, request, deadline);
    if (!answer) return answer.error();
    return std::move(*answer->mutable_directory());
}

Expected<void> change(LedgerClient& ledger, const v1::Request& request, bus::Deadline deadline) {
    const auto answer = ledger.call(Method::directory, request, deadline);
    if (!answer) return answer.error();
    return {};
}

Expected<void> requireNoneOpen(LedgerClient& ledger, bus::Deadline deadline) {
    for (const auto state :
         {v1::ConversationsRequest::STATE_WAITING, v1::ConversationsRequest::STATE_ASSIGNED}) {
        v1::Request request;
        request.mutable_conversations()->set_state(state);
        request.mutable_conversations()->set_limit(1);
        const auto answer = ledger.call(Method::conversations, request, deadline);
        if (!answer) return answer.error();
        if (answer->conversations().conversations_size() == 0) continue;
        return Error{Errc::conflict, "conversations are open, such as " +
                                         answer->conversations().conversations(0).conversation()};
    }
    return {};
}

}  // namespace

Expected<std::vector<SiteEntry>> listSites(Dynsec& dynsec, bus::Deadline deadline) {
    const auto agents = listAgents(dynsec, {}, deadline);
    if (!agents) return agents.error();
    std::map<SiteId, std::size_t> counts;
    for (const auto& agent : *agents) ++counts[agent.who.site];
    std::vector<SiteEntry> sites;
    for (const auto& [site, count] : counts) sites.push_back({site, count});
    return sites;
}

Expected<void> beginSite(LedgerClient& ledger, const DepartmentId& department,
                         bus::Deadline deadline) {
    const auto directory = directoryOf(ledger, deadline);
    if (!directory) return directory.error();
    if (directory->departments_size() > 0) {
        return Error{Errc::conflict, "the site has departments already, such as " +
                                         directory->departments(0).profile().id()};
    }
    v1::Request request;
    request.mutable_directory()->mutable_save_department()->mutable_profile()->set_id(
        department.str());
    return change(ledger, request, deadline);
}

Expected<void> endSite(LedgerClient& ledger, bus::Deadline deadline) {
    if (auto none = requireNoneOpen(ledger, deadline); !none) return none;
    const auto directory = directoryOf(ledger, deadline);
    if (!directory) return directory.error();
    for (const auto& agent : directory->agents()) {
        v1::Request request;
        request.mutable_directory()->set_remove_agent(agent.profile().id());
        if (auto done = change(ledger, request, deadline); !done) return done;
    }
    for (const auto& department : directory->departments()) {
        v1::Request request;
        request.mutable_directory()->set_remove_department(department.profile().id());
        if (auto done = change(ledger, request, deadline); !done) return done;
    }
    return {};
}

}  // namespace parlor::admin
