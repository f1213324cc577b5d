#include "ledger/requests/permissions.h"

#include <algorithm>
#include <array>

#include "proto/roles.h"

namespace parlor::ledger {
namespace {

constexpr std::string_view kWriteDeed = "deed.write";

struct Permission {
    std::string_view action;
    v1::Role least;
};

constexpr std::array kPermissions{
    Permission{"audit.list", v1::ROLE_ADMIN},
    Permission{"canned.list", v1::ROLE_AGENT},
    Permission{"canned.remove", v1::ROLE_AGENT},  // one's own
    Permission{"canned.save", v1::ROLE_AGENT},    // one's own
    Permission{"canned.share", v1::ROLE_SUPERVISOR},
    Permission{"conversations.list", v1::ROLE_AGENT},
    Permission{kWriteDeed, v1::ROLE_ADMIN},  // the command line tool only
    Permission{"directory.list", v1::ROLE_AGENT},
    Permission{"directory.remove_agent", v1::ROLE_ADMIN},
    Permission{"directory.remove_department", v1::ROLE_ADMIN},
    Permission{"directory.save_agent", v1::ROLE_ADMIN},
    Permission{"directory.save_department", v1::ROLE_ADMIN},
    Permission{"erase.visitor", v1::ROLE_ADMIN},
    Permission{"job.get", v1::ROLE_AGENT},  // one's own
    Permission{"report.get", v1::ROLE_SUPERVISOR},
    Permission{"search.messages", v1::ROLE_AGENT},
    Permission{"transcript.make", v1::ROLE_AGENT},
};

std::string_view directoryAction(const v1::DirectoryRequest& request) {
    switch (request.action_case()) {
        case v1::DirectoryRequest::kList:
            return "directory.list";
        case v1::DirectoryRequest::kSaveDepartment:
            return "directory.save_department";
        case v1::DirectoryRequest::kRemoveDepartment:
            return "directory.remove_department";
        case v1::DirectoryRequest::kSaveAgent:
            return "directory.save_agent";
        case v1::DirectoryRequest::kRemoveAgent:
            return "directory.remove_agent";
        case v1::DirectoryRequest::ACTION_NOT_SET:
            break;
    }
    return {};
}

std::string_view cannedAction(const v1::CannedRequest& request) {
    switch (request.action_case()) {
        case v1::CannedRequest::kList:
            return "canned.list";
        case v1::CannedRequest::kSave:
            return "canned.save";
        case v1::CannedRequest::kRemove:
            return "canned.remove";
        case v1::CannedRequest::ACTION_NOT_SET:
            break;
    }
    return {};
}

Error forbidden(std::string text) { return {Errc::forbidden, std::move(text)}; }

Expected<void> mayForVisitor(const v1::Request& request) {
    if (!request.has_transcript()) return forbidden("only for staff");
    if (request.transcript().notes()) return forbidden("transcript.notes: only for staff");
    switch (request.transcript().format()) {
        case v1::TranscriptRequest::FORMAT_TEXT:
        case v1::TranscriptRequest::FORMAT_JSON:
        case v1::TranscriptRequest::FORMAT_HTML:
            return {};
        default:
            return forbidden("transcript.format: not for visitors");
    }
}

}  // namespace

std::string_view actionOf(const v1::Request& request) {
    switch (request.body_case()) {
        case v1::Request::kDirectory:
            return directoryAction(request.directory());
        case v1::Request::kAudit:
            return "audit.list";
        case v1::Request::kConversations:
            return "conversations.list";
        case v1::Request::kSearch:
            return "search.messages";
        case v1::Request::kCanned:
            return cannedAction(request.canned());
        case v1::Request::kReport:
            return "report.get";
        case v1::Request::kTranscript:
            return "transcript.make";
        case v1::Request::kErase:
            return "erase.visitor";
        case v1::Request::kJob:
            return "job.get";
        case v1::Request::kDeed:
            return kWriteDeed;
        default:
            return {};
    }
}

Expected<Caller> authorize(const topics::Rpc& topic, const v1::Request& request,
                           const Profiles& profiles) {
    const auto action = actionOf(request);
    const auto method = topics::name(topic.method);
    if (action.substr(0, action.find('.')) != method) {
        return Error{Errc::malformed, "request: not one of " + std::string(method)};
    }
    Caller caller{topic.site, topic.caller};
    if (caller.isGateway()) {
        if (auto may = mayForVisitor(request); !may) return may.error();
        caller.role = v1::ROLE_UNSPECIFIED;
        return caller;
    }
    if (caller.id.str() == kAdminCaller) {
        caller.role = v1::ROLE_ADMIN;
    } else {
        if (!AgentId::parse(caller.id.str())) return forbidden("only for staff");
        if (profiles.isDisabled(caller.id.str())) return forbidden("your account is disabled");
        caller.role = profiles.roleOf(caller.id.str());
    }
    if (auto may = mayDo(caller, action); !may) return may.error();
    return caller;
}

Expected<void> mayDo(const Caller& caller, std::string_view action) {
    const auto* permission = std::find_if(kPermissions.begin(), kPermissions.end(),
                                          [&](const auto& each) { return each.action == action; });
    if (permission == kPermissions.end()) return forbidden("nobody may do that");
    if (caller.role < permission->least) {
        return forbidden(std::string(action) + ": only for " +
                         std::string(nameOf(permission->least)) + "s");
    }
    if (action == kWriteDeed && caller.id.str() != kAdminCaller) {
        return forbidden(std::string(action) + ": only for the command line tool");
    }
    return {};
}

}  // namespace parlor::ledger
