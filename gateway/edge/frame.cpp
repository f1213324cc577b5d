#include "gateway/edge/stream_format.h"

namespace parlor::gateway {
namespace {

constexpr std::size_t kPadding = 4096;         // proxies and browsers hold back less than that
constexpr std::size_t kMaxBytes = 512 * 1024;  // a page in memory for good

// JSON inside a script element: nothing in it may end the element or start a comment, and the two
// line separators that JSON allows and old JavaScript does not are written out.
std::string scriptSafe(std::string_view json) {
    std::string safe;
    safe.reserve(json.size() + 32);
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string_view rest = json.substr(i);
        if (json[i] == '<') {
            safe += "\\u003c";
        } else if (json[i] == '>') {
            safe += "\\u003e";
        } else if (json[i] == '&') {
            safe += "\\u0026";
        } else if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
            safe += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            safe += json[i];
        }
    }
    return safe;
}

class Frame : public StreamFormat {
 public:
    explicit Frame(std::string targetOrigin) : origin_(std::move(targetOrigin)) {}

    Transport transport() const override { return Transport::frame; }
    std::string_view contentType() const override { return "text/html; charset=utf-8"; }
    std::string headers() const override {
        return "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n"
               "Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; "
               "frame-ancestors " +
               origin_ + "\r\n";
    }
    std::string prologue() const override {
        return "<!doctype html><meta charset=\"utf-8\"><title>stream</title><script>var "
               "p=function(m)"
               "{parent.postMessage(m,\"" +
               scriptSafe(origin_) + "\")}</script>\n<!--" + std::string(kPadding, ' ') + "-->\n";
    }
    std::string page(const Page& page) const override { return script(page.typed()); }
    std::string gap(const Cursor& cursor) const override {
        return script(R"({"type":"events",)" + gapMembers(cursor) + "}");
    }
    std::string live(const std::string& members) const override {
        return script(R"({"type":"live",)" + members + "}");
    }
    std::string heartbeat() const override { return "<!-- -->\n"; }
    std::string farewell(Farewell why) const override {
        std::string json = R"({"type":"bye","reason":")" + std::string(nameOf(why)) + "\"";
        if (mayComeBack(why)) {
            json += R"(,"come_back_ms":)" + std::to_string(comeBackAfter(why).count());
        }
        return script(json + "}");
    }
    std::size_t maxBytes() const override { return kMaxBytes; }

 private:
    static std::string script(std::string_view json) {
        return "<script>p(" + scriptSafe(json) + ")</script>\n";
    }

    const std::string origin_;
};

}  // namespace

std::unique_ptr<StreamFormat> makeFrame(const std::string& targetOrigin) {
    return std::make_unique<Frame>(targetOrigin);
}

}  // namespace parlor::gateway
