#include <random>

#include "gateway/edge/stream_format.h"

namespace parlor::gateway {
namespace {

// One event's fields. JSON as we write it holds no line breaks.
std::string event(std::string_view name, const std::string& json) {
    std::string text = "event: ";
    text.append(name).append("\ndata: ").append(json).append("\n\n");
    return text;
}

class Sse : public StreamFormat {
 public:
    Transport transport() const override { return Transport::sse; }
    std::string_view contentType() const override { return "text/event-stream"; }
    std::string headers() const override {
        return "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n";
    }
    // A browser that lost the connection waits so long; the spread keeps a lost replica's clients
    // from coming all at once.
    std::string prologue() const override {
        return retry(comeBackAfter(Farewell::goingAway) + std::chrono::milliseconds(500));
    }
    std::string page(const Page& page) const override {
        return "id: " + page.cursor.str() + "\n" + event("events", page.typed());
    }
    std::string gap(const Cursor& cursor) const override {
        return event("events", R"({"type":"events",)" + gapMembers(cursor) + "}");
    }
    std::string live(const std::string& members) const override {
        return event("live", R"({"type":"live",)" + members + "}");
    }
    std::string heartbeat() const override { return ":\n\n"; }
    std::string farewell(Farewell why) const override {
        const std::string reason(nameOf(why));
        std::string text;
        if (mayComeBack(why)) text = retry(comeBackAfter(why));
        return text + event("bye", R"({"type":"bye","reason":")" + reason + "\"}");
    }
    std::size_t maxBytes() const override { return 0; }

 private:
    static std::string retry(std::chrono::milliseconds after) {
        return "retry: " + std::to_string(after.count()) + "\n\n";
    }
};

}  // namespace

std::string_view nameOf(Farewell why) {
    switch (why) {
        case Farewell::goingAway:
            return "going_away";
        case Farewell::tooSlow:
            return "too_slow";
        case Farewell::token:
            return "token";
        case Farewell::noBroker:
            return "no_broker";
        case Farewell::full:
            return "full";
        case Farewell::replaced:
            return "replaced";
        case Farewell::gone:
            break;
    }
    return "gone";
}

bool mayComeBack(Farewell why) {
    return why != Farewell::token && why != Farewell::gone && why != Farewell::replaced;
}

std::chrono::milliseconds comeBackAfter(Farewell why) {
    thread_local std::minstd_rand random{std::random_device()()};
    const int most = why == Farewell::goingAway ? 2000 : why == Farewell::noBroker ? 5000 : 1;
    return std::chrono::milliseconds(std::uniform_int_distribution(0, most)(random));
}

std::unique_ptr<StreamFormat> makeSse() { return std::make_unique<Sse>(); }

}  // namespace parlor::gateway
