#include "gateway/edge/socket_codec.h"

#include "gateway/edge/response.h"
#include "parlor/v1/socket.pb.h"

namespace parlor::gateway {
namespace {

class JsonCodec : public SocketCodec {
 public:
    Format format() const override { return Format::json; }
    bool isText() const override { return true; }

    Expected<ClientFrame> parse(std::string_view frame) const override { return parseFrame(frame); }

    std::string page(const Page& page) const override { return page.typed(); }
    std::string gap(const Cursor& cursor) const override {
        return R"({"type":"events",)" + gapMembers(cursor) + "}";
    }
    std::string live(const LiveSignal& signal) const override {
        return R"({"type":"live",)" + signal.members + "}";
    }
    std::string receipt(const std::string& requestId,
                        const Expected<v1::Recorded>& outcome) const override {
        std::string text = R"({"type":"receipt",)";
        if (outcome) {
            text += recordedMembers(requestId, *outcome);
        } else {
            text +=
                R"("request_id":")" + requestId + R"(","problem":)" + problemJson(outcome.error());
        }
        return std::move(text) + "}";
    }
    std::string tooFast(const std::string& requestId, std::chrono::seconds wait) const override {
        return R"({"type":"receipt","request_id":")" + requestId + R"(","problem":)" +
               problemJson(429, kRateLimited, kSlowDown, wait) + "}";
    }
    std::string ping() const override { return R"({"type":"ping"})"; }
};

// What the JSON reader checks while it reads.
Expected<ClientFrame> checkDraft(const v1::Draft& draft) {
    switch (draft.body_case()) {
        case v1::Draft::kMessage:
        case v1::Draft::kRead:
        case v1::Draft::kRating:
        case v1::Draft::kClose:
            if (auto ok = validate(draft); !ok) return ok.error();
            return ClientFrame(draft);
        default:
            return Error{Errc::malformed, "no body: one of message, read, rating, close is needed"};
    }
}

template <class Signal>
Expected<ClientFrame> checkSignal(const Signal& signal) {
    if (auto ok = validateSignal(signal); !ok) return ok.error();
    return ClientFrame(VisitorSignal(signal));
}

class ProtoCodec : public SocketCodec {
 public:
    Format format() const override { return Format::proto; }
    bool isText() const override { return false; }

    Expected<ClientFrame> parse(std::string_view bytes) const override {
        const auto frame = decode<v1::ClientFrame>(bytes);
        if (!frame) return frame.error();
        if (frame->has_live()) return checkSignal(frame->live());
        if (frame->has_presence()) return checkSignal(frame->presence());
        if (!frame->has_draft()) return Error{Errc::malformed, "an empty frame"};
        auto draft = checkDraft(frame->draft());
        if (draft) return draft;
        const auto request = RequestId::parse(frame->draft().request_id());
        if (!request) return draft.error();
        return ClientFrame(BadDraft{request->str(), draft.error()});
    }

    std::string page(const Page& page) const override {
        v1::ServerFrame frame;
        *frame.mutable_page() = *page.proto;
        return encode(frame);
    }
    std::string gap(const Cursor& cursor) const override {
        v1::ServerFrame frame;
        frame.mutable_page()->set_epoch(cursor.epoch);
        frame.mutable_page()->set_seq(cursor.seq);
        frame.mutable_page()->set_gap(true);
        return encode(frame);
    }
    std::string live(const LiveSignal& signal) const override {
        v1::ServerFrame frame;
        v1::Party& from = *frame.mutable_signal()->mutable_from();
        const bool system = signal.party == kLedgerParty;
        from.set_kind(system ? v1::Party::KIND_SYSTEM : v1::Party::KIND_AGENT);
        if (!system) from.set_id(signal.party);
        *frame.mutable_signal()->mutable_live() = signal.live;
        return encode(frame);
    }
    std::string receipt(const std::string& requestId,
                        const Expected<v1::Recorded>& outcome) const override {
        v1::ServerFrame frame;
        frame.mutable_receipt()->set_request_id(requestId);
        if (outcome) {
            *frame.mutable_receipt()->mutable_recorded() = *outcome;
        } else {
            *frame.mutable_receipt()->mutable_failure() = toFailure(outcome.error());
        }
        return encode(frame);
    }
    std::string tooFast(const std::string& requestId, std::chrono::seconds wait) const override {
        v1::ServerFrame frame;
        frame.mutable_receipt()->set_request_id(requestId);
        v1::Failure& failure = *frame.mutable_receipt()->mutable_failure();
        failure.set_code(v1::ERROR_CODE_OVERLOADED);
        failure.set_text(std::string(kSlowDown));
        failure.set_retry_after_ms(
            static_cast<std::uint32_t>(std::chrono::milliseconds(wait).count()));
        return encode(frame);
    }
    std::string ping() const override {
        v1::ServerFrame frame;
        frame.mutable_ping();
        return encode(frame);
    }
};

}  // namespace

std::unique_ptr<SocketCodec> makeJsonCodec() { return std::make_unique<JsonCodec>(); }
std::unique_ptr<SocketCodec> makeProtoCodec() { return std::make_unique<ProtoCodec>(); }

}  // namespace parlor::gateway
