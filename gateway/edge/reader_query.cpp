#include "gateway/edge/reader_query.h"

#include <algorithm>
#include <charconv>

#include "gateway/edge/bodies.h"

namespace parlor::gateway {
namespace {

constexpr std::size_t kMaxClientName = 64;

bool isClientName(std::string_view text) {
    return !text.empty() && text.size() <= kMaxClientName &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_' || c == '.';
           });
}

// Where the page is told, the visitor is there unless it says otherwise.
Expected<bool> readPresence(const Target& target, ReaderQuery& query) {
    const auto word = target.query("presence");
    auto url = target.query("page_url");
    auto title = target.query("page_title");
    if (!word && !url && !title) return true;
    const auto state = parsePresenceState(word.value_or("here"));
    if (!state) return state.error();
    v1::Presence presence;
    presence.set_state(*state);
    presence.set_page_url(url.value_or(""));
    presence.set_page_title(title.value_or(""));
    if (auto ok = validateSignal(presence); !ok) return ok.error();
    query.presence = std::move(presence);
    return true;
}

Expected<bool> readLive(const std::string& text, ReaderQuery& query) {
    std::int64_t after = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, failed] = std::from_chars(text.data(), end, after);
    if (failed != std::errc() || stopped != end || after < 0) {
        return Error{Errc::malformed, "live: must be a live_at, or 0"};
    }
    query.liveAfter = after;
    return true;
}

}  // namespace

Expected<ReaderQuery> readerQuery(const Target& target, std::string_view lastEventId) {
    ReaderQuery query;
    const auto cursor = Cursor::parse(lastEventId.empty() ? target.query("after").value_or("0")
                                                          : std::string(lastEventId));
    if (!cursor) return cursor.error();
    query.cursor = *cursor;
    if (auto ok = readPresence(target, query); !ok) return ok.error();
    if (auto client = target.query("client")) {
        if (!isClientName(*client)) {
            return Error{Errc::malformed, "client: must be 1 to 64 of A-Z a-z 0-9 . _ -"};
        }
        query.client = std::move(*client);
    }
    if (const auto live = target.query("live")) {
        if (auto ok = readLive(*live, query); !ok) return ok.error();
    }
    return query;
}

}  // namespace parlor::gateway
