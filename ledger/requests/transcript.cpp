#include "ledger/requests/transcript.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>
#include <google/protobuf/util/json_util.h>

#include "ledger/requests/transcript_words.h"

namespace parlor::ledger {
namespace {

// RFC 3339, in UTC.
std::string timeOf(const v1::Event& event) {
    const Poco::Timestamp at(event.recorded_at_ms() * 1000);
    return Poco::DateTimeFormatter::format(at, "%Y-%m-%dT%H:%M:%SZ");
}

std::string authorOf(const v1::Event& event, const TranscriptWords& words) {
    const auto& author = event.author();
    if (!author.name().empty()) return author.name();
    if (!author.id().empty()) return author.id();
    return author.kind() == v1::Party::KIND_VISITOR ? words.visitor : words.system;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

// Lines that somebody wrote stand indented: none of them can look like a line of the transcript.
std::string indented(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '\n') out += "    ";
    }
    return out;
}

std::string plain(const std::vector<v1::Event>& events, const TranscriptWords& words) {
    std::string out;
    for (const auto& event : events) {
        const std::string line = timeOf(event) + "  " + indented(authorOf(event, words));
        if (event.has_message()) {
            out += line + ": " + indented(event.message().text()) + "\n";
        } else if (event.has_note()) {
            out += line + words.note + ": " + indented(event.note().text()) + "\n";
        } else if (const auto what = words.happened(event); !what.empty()) {
            out += line + " – " + indented(what) + "\n";
        }
    }
    return out;
}

std::string html(const std::vector<v1::Event>& events, const TranscriptWords& words) {
    std::string out =
        std::string("<!DOCTYPE html>\n<html lang=\"") + words.tag +
        "\"><head><meta charset=\"utf-8\"><title>" + words.title +
        "</title>"
        "<style>body{font:14px sans-serif}dd{white-space:pre-wrap}.note{background:#ffc}"
        ".event{color:#666}</style></head><body><dl>\n";
    for (const auto& event : events) {
        const bool said = event.has_message() || event.has_note();
        const std::string text = event.has_message() ? event.message().text()
                                 : event.has_note()  ? event.note().text()
                                                     : words.happened(event);
        if (text.empty()) continue;
        const std::string kind = event.has_note() ? "note" : said ? "message" : "event";
        out += "<dt><time>" + timeOf(event) + "</time> <b>" + escaped(authorOf(event, words)) +
               "</b></dt><dd class=\"" + kind + "\">" + escaped(text) + "</dd>\n";
    }
    return out + "</dl></body></html>\n";
}

// The events as protobuf's own JSON, without what only proves them.
std::string json(const std::vector<v1::Event>& events) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string out = "[";
    for (auto event : events) {
        event.clear_salt();
        event.clear_content_hash();
        event.clear_previous_hash();
        std::string text;
        if (!google::protobuf::util::MessageToJsonString(event, &text, options).ok()) continue;
        out += (out.size() > 1 ? ",\n" : "\n") + text;
    }
    return out + "\n]\n";
}

}  // namespace

std::string contentTypeOf(v1::TranscriptRequest::Format format) {
    switch (format) {
        case v1::TranscriptRequest::FORMAT_JSON:
        case v1::TranscriptRequest::FORMAT_RECORD:
            return "application/json";
        case v1::TranscriptRequest::FORMAT_HTML:
            return "text/html; charset=utf-8";
        default:
            return "text/plain; charset=utf-8";
    }
}

void leaveForVisitors(v1::Event& event) {
    if (!event.has_opened()) return;
    v1::Visitor visitor;
    visitor.set_name(event.opened().visitor().name());
    *event.mutable_opened()->mutable_visitor() = std::move(visitor);
}

std::string recordText(const v1::RecordedConversation& record) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.add_whitespace = true;
    std::string text;
    const auto done = google::protobuf::util::MessageToJsonString(record, &text, options);
    return done.ok() ? text : std::string();
}

std::string transcript(const std::vector<v1::Event>& events, v1::TranscriptRequest::Format format,
                       v1::TranscriptRequest::Language language) {
    const TranscriptWords& words = wordsIn(language);
    switch (format) {
        case v1::TranscriptRequest::FORMAT_JSON:
            return json(events);
        case v1::TranscriptRequest::FORMAT_HTML:
            return html(events, words);
        default:
            return plain(events, words);
    }
}

}  // namespace parlor::ledger
