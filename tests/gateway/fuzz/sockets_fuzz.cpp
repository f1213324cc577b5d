// What a stranger can put into a WebSocket's messages, in either subprotocol: the first byte
// chooses. What is taken in must be fit to be answered and shown again. libFuzzer.

#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/edge/socket_codec.h"
#include "gateway/mailbox/visitor_json.h"

namespace {

using namespace parlor;
using namespace parlor::gateway;

void require(bool holds) {
    if (!holds) std::abort();
}

// The page on which everybody sees the draft, as a text frame; "" where there is nothing to see.
std::string shown(const v1::Draft& draft) {
    v1::Event event;
    event.set_seq(1);
    event.set_epoch(1);
    event.set_request_id(draft.request_id());
    if (draft.has_message()) {
        *event.mutable_message() = draft.message();
    } else if (draft.has_read()) {
        *event.mutable_read() = draft.read();
    } else if (draft.has_rating()) {
        *event.mutable_rating() = draft.rating();
    }
    const EventRef rendered = std::make_shared<RenderedEvent>(event, true);
    const Page page(1, 0, {&rendered, 1}, false, Format::json);
    return makeJsonCodec()->page(page);
}

void takeIn(const SocketCodec& codec, const v1::Draft& draft) {
    require(RequestId::parse(draft.request_id()).has_value());
    const std::string page = shown(draft);
    require(isUtf8(page));
    require(boost::json::parse(page).as_object().at("events").as_array().size() == 1);
    v1::Recorded recorded;
    recorded.set_epoch(1);
    recorded.set_seq(1);
    require(!codec.receipt(draft.request_id(), recorded).empty());
}

void refuse(const SocketCodec& codec, const BadDraft& bad) {
    require(RequestId::parse(bad.requestId).has_value());
    const std::string receipt = codec.receipt(bad.requestId, bad.error);
    if (codec.isText()) {
        const auto answer = boost::json::parse(receipt);
        require(boost::json::value_to<std::string>(answer.at("request_id")) == bad.requestId);
    } else {
        v1::ServerFrame frame;
        require(frame.ParseFromString(receipt) && frame.receipt().request_id() == bad.requestId);
    }
}

void pass(const VisitorSignal& signal) {
    const auto* live = std::get_if<v1::Live>(&signal);
    require(live ? validateSignal(*live).has_value()
                 : validateSignal(std::get<v1::Presence>(signal)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const auto kCodecs = std::array{makeJsonCodec(), makeProtoCodec()};
    const SocketCodec& codec = *kCodecs[data[0] % kCodecs.size()];
    const auto frame = codec.parse({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!frame) return 0;
    if (const auto* taken = std::get_if<v1::Draft>(&*frame)) {
        takeIn(codec, *taken);
    } else if (const auto* bad = std::get_if<BadDraft>(&*frame)) {
        refuse(codec, *bad);
    } else {
        pass(std::get<VisitorSignal>(*frame));
    }
    return 0;
}
