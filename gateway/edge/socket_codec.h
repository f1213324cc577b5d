#pragma once

// How a WebSocket words what it carries: one of the subprotocols of docs/protocol.md.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/edge/bodies.h"
#include "gateway/mailbox/reader.h"

namespace parlor::gateway {

// Constant after construction.
class SocketCodec {
 public:
    virtual ~SocketCodec() = default;
    virtual Format format() const = 0;
    virtual bool isText() const = 0;  // text frames, else binary ones, in both directions

    // malformed: nothing that could be answered.
    virtual Expected<ClientFrame> parse(std::string_view frame) const = 0;

    virtual std::string page(const Page& page) const = 0;
    virtual std::string gap(const Cursor& cursor) const = 0;
    virtual std::string live(const LiveSignal& signal) const = 0;
    virtual std::string receipt(const std::string& requestId,
                                const Expected<v1::Recorded>& outcome) const = 0;
    // The receipt of a draft that came too fast.
    virtual std::string tooFast(const std::string& requestId, std::chrono::seconds wait) const = 0;
    virtual std::string ping() const = 0;
};

inline constexpr std::string_view kJsonProtocol = "parlor.v1.json";
inline constexpr std::string_view kProtoProtocol = "parlor.v1.proto";

std::unique_ptr<SocketCodec> makeJsonCodec();
// proto/parlor/v1/socket.proto.
std::unique_ptr<SocketCodec> makeProtoCodec();

}  // namespace parlor::gateway
