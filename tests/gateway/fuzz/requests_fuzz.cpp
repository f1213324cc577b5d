// What a stranger can put into a request: target, query, JSON bodies, addresses, PROXY headers,
// traces. libFuzzer; the first byte chooses.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/edge/bodies.h"
#include "gateway/edge/client_address.h"
#include "gateway/edge/proxy_protocol.h"
#include "gateway/edge/reader_query.h"
#include "gateway/edge/routes.h"
#include "gateway/mailbox/visitor_json.h"
#include "gateway/session/trace.h"

namespace {

using namespace parlor;
using namespace parlor::gateway;

void require(bool holds) {
    if (!holds) std::abort();
}

void target(std::string_view text) {
    const auto target = Target::parse(text);
    if (!target) return;
    (void)target->route();
    (void)target->query("after");
    (void)target->query("access_token");
    (void)readerQuery(*target);
    if (const auto wait = target->wait(std::chrono::seconds(60))) {
        require(*wait <= std::chrono::seconds(60));
    }
}

void draft(std::string_view text) {
    const auto draft = parseDraft(text);
    if (!draft) return;
    // Whatever is taken in can be shown again.
    v1::Event event;
    *event.mutable_message() = draft->message();
    require(isUtf8(eventJson(event)));
    require(draft->message().text().size() <= kMaxTextBytes);
}

void address(std::string_view text) {
    static const std::vector<Network> kTrusted = {Network::parse("127.0.0.0/8").value()};
    (void)Network::parse(text);
    const auto peer = boost::asio::ip::make_address("127.0.0.1");
    if (const auto client = clientAddress(peer, text, kTrusted)) {
        require(!rateKey(*client).empty());
    }
}

void proxyHeader(std::string_view text) {
    for (std::size_t have = 0; have <= text.size();) {
        const ProxyHeader header = readProxyHeader(text.substr(0, have));
        if (header.state != ProxyHeader::State::incomplete) return;
        require(header.need > 0);
        have += header.need;
        require(have <= ProxyHeader::kMaxBytes);
    }
}

void trace(std::string_view text) {
    const std::string made = traceparentFor(text);
    require(traceparentFor(made).substr(0, 35) == made.substr(0, 35));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 7) {
        case 0:
            target(text);
            break;
        case 1:
            draft(text);
            break;
        case 2:
            (void)parseOpen(text);
            (void)parseTranscript(text);
            break;
        case 3:
            (void)parseSignal(text);
            break;
        case 4:
            address(text);
            break;
        case 5:
            proxyHeader(text);
            break;
        default:
            trace(text);
            break;
    }
    return 0;
}
