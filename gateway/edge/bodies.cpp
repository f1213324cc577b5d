#include "gateway/edge/bodies.h"

#include <boost/json.hpp>
#include <limits>

#include "gateway/edge/limits.h"
#include "proto/cursor.h"

namespace parlor::gateway {
namespace {

namespace json = boost::json;

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

Expected<json::object> parseObject(std::string_view text) {
    json::parse_options options;
    options.max_depth = limits::kJsonDepth;
    json::error_code failed;
    json::value value =
        json::parse(json::string_view(text.data(), text.size()), failed, {}, options);
    if (failed) return malformed("not JSON: " + failed.message());
    if (!value.is_object()) return malformed("not a JSON object");
    return std::move(value.as_object());
}

// A string member; absent is empty.
Expected<std::string> textOf(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return std::string();
    if (!value->is_string()) return malformed(std::string(name) + ": must be a string");
    const json::string& text = value->get_string();
    return std::string(text.data(), text.size());
}

// Empty where there is none.
Expected<std::string> optionalRequestId(const json::object& object) {
    if (!object.contains("request_id")) return std::string();
    const auto text = textOf(object, "request_id");
    if (!text) return text.error();
    const auto id = RequestId::parse(*text);
    if (!id) return id.error();
    return id->str();
}

// A whole number member that is not negative.
Expected<std::uint64_t> numberOf(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    if (value != nullptr) {
        if (value->is_uint64()) return value->get_uint64();
        if (value->is_int64() && value->get_int64() >= 0) {
            return static_cast<std::uint64_t>(value->get_int64());
        }
    }
    return malformed(std::string(name) + ": must be a whole number");
}

Expected<bool> readVisitor(const json::object& object, v1::Visitor& visitor) {
    const std::pair<const char*, std::string*> members[] = {
        {"name", visitor.mutable_name()},         {"email", visitor.mutable_email()},
        {"page_url", visitor.mutable_page_url()}, {"page_title", visitor.mutable_page_title()},
        {"referrer", visitor.mutable_referrer()}, {"locale", visitor.mutable_locale()},
    };
    for (const auto& [name, target] : members) {
        auto text = textOf(object, name);
        if (!text) return text.error();
        *target = std::move(*text);
    }
    return true;
}

constexpr const char* kBodies[] = {"message", "read", "rating", "close"};

Expected<bool> readBody(const std::string& name, const json::object& body, v1::Draft& draft) {
    if (name == "read") {
        auto seq = numberOf(body, "seq");
        if (!seq) return seq.error();
        draft.mutable_read()->set_seq(*seq);
        return true;
    }
    if (name == "rating") {
        auto score = numberOf(body, "score");
        if (!score) return score.error();
        draft.mutable_rating()->set_score(
            *score > 5 ? 0 : static_cast<std::uint32_t>(*score));  // 0 is refused below
    }
    const char* member = name == "message" ? "text" : name == "rating" ? "comment" : "reason";
    auto text = textOf(body, member);
    if (!text) return text.error();
    if (name == "message") {
        draft.mutable_message()->set_text(*text);
    } else if (name == "rating") {
        draft.mutable_rating()->set_comment(*text);
    } else {
        draft.mutable_close()->set_reason(*text);
    }
    return true;
}

Expected<v1::Draft> draftOf(const json::object& object) {
    v1::Draft draft;
    auto id = textOf(object, "request_id");
    if (!id) return id.error();
    const auto request = RequestId::parse(*id);
    if (!request) return request.error();
    draft.set_request_id(request->str());
    for (const char* name : kBodies) {
        const json::value* body = object.if_contains(name);
        if (body == nullptr) continue;
        if (draft.body_case() != v1::Draft::BODY_NOT_SET) {
            return malformed("more than one body: a request holds exactly one");
        }
        if (!body->is_object()) return malformed(std::string(name) + ": must be an object");
        if (auto ok = readBody(name, body->get_object(), draft); !ok) return ok.error();
    }
    if (draft.body_case() == v1::Draft::BODY_NOT_SET) {
        return malformed("no body: one of message, read, rating, close is needed");
    }
    if (auto ok = validate(draft); !ok) return ok.error();
    return draft;
}

Expected<VisitorSignal> typingOf(const json::object& body) {
    const json::value* active = body.if_contains("active");
    if (active == nullptr || !active->is_bool()) {
        return malformed("typing.active: must be true or false");
    }
    auto preview = textOf(body, "preview");
    if (!preview) return preview.error();
    v1::Live live;
    live.mutable_typing()->set_active(active->get_bool());
    live.mutable_typing()->set_preview(*preview);
    if (auto ok = validateSignal(live); !ok) return ok.error();
    return VisitorSignal(std::move(live));
}

Expected<VisitorSignal> presenceOf(const json::object& body) {
    auto word = textOf(body, "state");
    auto url = textOf(body, "page_url");
    auto title = textOf(body, "page_title");
    for (const auto* text : {&word, &url, &title}) {
        if (!*text) return text->error();
    }
    const auto state = parsePresenceState(*word);
    if (!state) return state.error();
    v1::Presence presence;
    presence.set_state(*state);
    presence.set_page_url(std::move(*url));
    presence.set_page_title(std::move(*title));
    if (auto ok = validateSignal(presence); !ok) return ok.error();
    return VisitorSignal(std::move(presence));
}

Expected<VisitorSignal> signalOf(const json::object& object) {
    if (object.size() != 1) return malformed("a signal goes alone: typing, read or presence");
    const json::string_view key = object.begin()->key();
    const std::string_view name(key.data(), key.size());
    const json::value& value = object.begin()->value();
    if (!value.is_object()) return malformed(std::string(name) + ": must be an object");
    const json::object& body = value.get_object();
    if (name == "typing") return typingOf(body);
    if (name == "presence") return presenceOf(body);
    if (name != "read") return malformed("not a signal: one of typing, read, presence is needed");
    const auto seq = numberOf(body, "seq");
    if (!seq) return seq.error();
    v1::Live live;
    live.mutable_read()->set_seq(*seq);
    return VisitorSignal(std::move(live));
}

}  // namespace

Expected<v1::OpenRequest> parseOpen(std::string_view body) {
    auto object = parseObject(body);
    if (!object) return object.error();
    v1::OpenRequest request;
    auto id = optionalRequestId(*object);
    if (!id) return id.error();
    request.set_request_id(std::move(*id));
    auto department = textOf(*object, "department");
    if (!department) return department.error();
    if (!department->empty()) {
        const auto name = DepartmentId::parse(*department);
        if (!name) return name.error();
        request.set_department(name->str());
    }
    if (const json::value* visitor = object->if_contains("visitor")) {
        if (!visitor->is_object()) return malformed("visitor: must be an object");
        if (auto ok = readVisitor(visitor->get_object(), *request.mutable_visitor()); !ok) {
            return ok.error();
        }
    }
    return request;
}

Expected<v1::TranscriptRequest> parseTranscript(std::string_view body) {
    const auto object = parseObject(body);
    if (!object) return object.error();
    v1::TranscriptRequest request;
    auto id = optionalRequestId(*object);
    if (!id) return id.error();
    request.set_request_id(std::move(*id));
    const auto format = textOf(*object, "format");
    if (!format) return format.error();
    if (format->empty() || *format == "text") {
        request.set_format(v1::TranscriptRequest::FORMAT_TEXT);
    } else if (*format == "html") {
        request.set_format(v1::TranscriptRequest::FORMAT_HTML);
    } else if (*format == "json") {
        request.set_format(v1::TranscriptRequest::FORMAT_JSON);
    } else {
        return malformed("format: must be text, html or json");
    }
    const auto lang = textOf(*object, "lang");
    if (!lang) return lang.error();
    if (lang->empty() || *lang == "en") {
        request.set_language(v1::TranscriptRequest::LANGUAGE_EN);
    } else if (*lang == "zh") {
        request.set_language(v1::TranscriptRequest::LANGUAGE_ZH);
    } else {
        return malformed("lang: must be en or zh");
    }
    return request;
}

Expected<v1::Draft> parseDraft(std::string_view body) {
    const auto object = parseObject(body);
    if (!object) return object.error();
    return draftOf(*object);
}

Expected<VisitorSignal> parseSignal(std::string_view body) {
    const auto object = parseObject(body);
    if (!object) return object.error();
    return signalOf(*object);
}

Expected<bool> validateSignal(const v1::Live& live) {
    if (live.has_typing()) {
        return validateText(live.typing().preview(), kMaxTextBytes, "typing.preview");
    }
    if (live.has_read()) return true;
    return malformed("not a visitor's signal: typing or read is needed");
}

Expected<bool> validateSignal(const v1::Presence& presence) {
    if (presence.state() != v1::Presence::STATE_HERE &&
        presence.state() != v1::Presence::STATE_AWAY) {
        return malformed("presence.state: must be here or away");
    }
    if (auto ok = validateText(presence.page_url(), kMaxUrlBytes, "presence.page_url"); !ok) {
        return ok;
    }
    return validateText(presence.page_title(), kMaxNameBytes, "presence.page_title");
}

Expected<v1::Presence::State> parsePresenceState(std::string_view word) {
    if (word == "here") return v1::Presence::STATE_HERE;
    if (word == "away") return v1::Presence::STATE_AWAY;
    return malformed("presence: must be here or away");
}

Expected<ClientFrame> parseFrame(std::string_view frame) {
    const auto object = parseObject(frame);
    if (!object) return object.error();
    // What is to be recorded has a request id, a signal has none.
    if (!object->contains("request_id") &&
        (object->contains("typing") || object->contains("read") || object->contains("presence"))) {
        auto signal = signalOf(*object);
        if (!signal) return signal.error();
        return ClientFrame(std::move(*signal));
    }
    auto draft = draftOf(*object);
    if (draft) return ClientFrame(std::move(*draft));
    const auto id = textOf(*object, "request_id");
    const auto request = RequestId::parse(id ? *id : std::string());
    if (!request) return draft.error();
    return ClientFrame(BadDraft{request->str(), draft.error()});
}

std::string recordedMembers(std::string_view requestId, const v1::Recorded& recorded) {
    std::string out = R"("request_id":")";
    out.append(requestId);
    out += R"(","seq":)" + std::to_string(recorded.seq());
    out += R"(,"cursor":")" + Cursor{recorded.epoch(), recorded.seq()}.str() + '"';
    return out;
}

}  // namespace parlor::gateway
