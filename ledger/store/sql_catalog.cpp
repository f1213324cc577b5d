#include "ledger/store/sql_catalog.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "ledger/store/sql_texts.h"

namespace parlor::ledger {
namespace {

constexpr std::string_view kRowBegin = "{{";
constexpr std::string_view kRowEnd = "}}";

std::optional<std::string_view> find(std::string_view folder, std::string_view name) {
    const std::string path = std::string(folder) + "/" + std::string(name) + ".sql";
    for (const auto& file : sqlTexts()) {
        if (file.path == path) return file.text;
    }
    return std::nullopt;
}

std::string expandRows(std::string_view text, std::size_t rows) {
    std::string out;
    for (;;) {
        const auto begin = text.find(kRowBegin);
        const auto end = text.find(kRowEnd);
        if (begin == std::string_view::npos || end == std::string_view::npos) break;
        out += text.substr(0, begin);
        const auto row = text.substr(begin + kRowBegin.size(), end - begin - kRowBegin.size());
        for (std::size_t i = 0; i < rows; ++i) {
            if (i > 0) out += ", ";
            out += row;
        }
        text.remove_prefix(end + kRowEnd.size());
    }
    return out += text;
}

// PostgreSQL counts its placeholders: $1, $2 …
std::string numberPlaceholders(std::string_view text) {
    std::string out;
    int number = 0;
    for (const char c : text) {
        if (c == '?') {
            out += "$" + std::to_string(++number);
        } else {
            out += c;
        }
    }
    return out;
}

bool isBlank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string withoutComments(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        const auto line = text.substr(0, end + 1);
        const auto comment = line.find("--");
        out += line.substr(0, comment);
        if (comment != std::string_view::npos) out += '\n';
        text.remove_prefix(end + 1);
    }
    return out;
}

std::vector<std::string> splitStatements(std::string_view text) {
    const std::string plain = withoutComments(text);
    std::vector<std::string> statements;
    std::string_view rest = plain;
    while (!isBlank(rest)) {
        const auto end = std::min(rest.find(';'), rest.size());
        if (!isBlank(rest.substr(0, end))) statements.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return statements;
}

}  // namespace

std::string SqlCatalog::statement(std::string_view name, std::size_t rows) const {
    auto text = find(ledger::name(dialect_), name);
    if (!text) text = find("common", name);
    if (!text) throw std::logic_error("no SQL statement named " + std::string(name));
    auto expanded = expandRows(*text, rows);
    return dialect_ == Dialect::postgresql ? numberPlaceholders(expanded) : expanded;
}

std::vector<std::string> SqlCatalog::script(std::string_view name) const {
    auto text = find(ledger::name(dialect_), name);
    if (!text) text = find("common", name);
    return text ? splitStatements(*text) : std::vector<std::string>();
}

std::vector<Migration> SqlCatalog::migrations() const {
    const std::string folder = std::string(name(dialect_)) + "/migrations/";
    std::vector<Migration> found;
    for (const auto& file : sqlTexts()) {
        if (!file.path.starts_with(folder)) continue;
        Migration migration;
        migration.name = file.path.substr(folder.size());
        std::from_chars(migration.name.data(), migration.name.data() + migration.name.size(),
                        migration.number);
        migration.statements = splitStatements(file.text);
        found.push_back(std::move(migration));
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    return found;
}

}  // namespace parlor::ledger
