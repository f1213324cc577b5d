#include "gateway/edge/access_log.h"

#include "proto/trace.h"

namespace parlor::gateway {
namespace {

bool isLogged(const Services& services, bool isPost, unsigned status) {
    switch (services.config.logRequests) {
        case LogRequests::failed:
            return isPost && status >= 500;
        case LogRequests::posts:
            return isPost;
        case LogRequests::all:
            break;
    }
    return true;
}

void write(const Services& services, std::uint64_t requestId, std::string_view call,
           unsigned status, const std::string& more = {}) {
    services.log("request id=" + formatRequestId(requestId) + " call=" + std::string(call) +
                 " status=" + std::to_string(status) + more);
}

std::string conversationMember(const ConversationId& conversation) {
    return " conversation=" + conversation.str();
}

std::string_view nameOf(const Exchange& exchange) {
    const http::verb method = exchange.request.method();
    if (method == http::verb::options) return "preflight";
    switch (exchange.route.call) {
        case Call::open:
            return "open";
        case Call::events:
            return method == http::verb::post ? "event" : "poll";
        case Call::live:
            return "live";
        case Call::socket:
            return "socket";
        case Call::stream:
            return "stream";
        case Call::frame:
            return "frame";
        case Call::transcript:
            return "transcript";
        case Call::request:
            return "request";
        case Call::result:
            return "result";
        case Call::healthz:
            return "healthz";
        case Call::readyz:
            return "readyz";
        case Call::metrics:
            return "metrics";
        case Call::file:
            break;
    }
    return "file";
}

// The ids in the path, which is the client's: only what is one.
std::string idsOf(const Exchange& exchange) {
    if (exchange.route.call == Call::request || exchange.route.call == Call::result) {
        const auto request = RequestId::parse(exchange.route.name);
        return request ? " draft=" + request->str() : std::string();
    }
    const auto conversation = ConversationId::parse(exchange.route.name);
    return conversation ? conversationMember(*conversation) : std::string();
}

}  // namespace

void logCall(const Services& services, const Exchange& exchange, unsigned status) {
    const bool isPost = !exchange.traceparent.empty();
    if (!isLogged(services, isPost, status)) return;
    std::string more = traceMember(exchange.traceparent);
    more += exchange.subject.empty() ? idsOf(exchange) : exchange.subject;
    write(services, exchange.context.requestId, nameOf(exchange), status, more);
}

void logPoll(const Services& services, std::uint64_t requestId, const ConversationId& conversation,
             unsigned status) {
    if (!isLogged(services, false, status)) return;
    write(services, requestId, "poll", status, conversationMember(conversation));
}

void logUnread(const Services& services, std::uint64_t requestId, unsigned status) {
    if (isLogged(services, false, status)) write(services, requestId, "unread", status);
}

void logPost(const Services& services, const SocketPost& post, unsigned status) {
    if (!isLogged(services, true, status)) return;
    write(services, post.requestId, "socket_event", status,
          traceMember(post.traceparent) + conversationMember(post.conversation) +
              " draft=" + post.draft);
}

void logPost(const Services& services, const SocketPost& post, const PostBroker::Outcome& outcome) {
    logPost(services, post, outcome ? 201U : statusOf(outcome.error().code));
}

void logArrival(const Services& services, const ConversationId& conversation,
                std::string_view traceparent) {
    if (services.config.logRequests == LogRequests::failed) return;
    services.log("arrived" + traceMember(traceparent) + conversationMember(conversation));
}

}  // namespace parlor::gateway
