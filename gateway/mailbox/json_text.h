#pragma once

// JSON (RFC 8259) written straight into a string: every event goes through here, and a tree of
// values would cost more than all the rest of its way.

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace parlor::gateway {

// Appends `text`, which is UTF-8, as a JSON string.
void appendJson(std::string& out, std::string_view text);

template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void appendJson(std::string& out, Number number) {
    char digits[24];
    const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}
template <std::same_as<bool> Bool>
void appendJson(std::string& out, Bool value) {
    out += value ? "true" : "false";
}

// Appends `prefix`, which is JSON up to a value, and the value.
template <class Value>
void appendMember(std::string& out, std::string_view prefix, const Value& value) {
    out += prefix;
    appendJson(out, value);
}

}  // namespace parlor::gateway
