#include "agent-desktop/ui/link_finder.h"

#include <QRegularExpression>

namespace parlor::agent {
namespace {

// CJK text runs on without spaces; its punctuation and ideographs end an address.
const QRegularExpression& pattern() {
    static const QRegularExpression kPattern(
        QStringLiteral(
            R"((?<![A-Za-z0-9_])https?://[^\s<>"\x{3000}-\x{303F}\x{3400}-\x{9FFF}\x{FF00}-\x{FFEF}]+)"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
    return kPattern;
}

QString trimmedEnd(QString address) {
    const QString sentence = QStringLiteral(".,;:!?'*_");
    while (!address.isEmpty()) {
        const QChar last = address.back();
        const bool stray = (last == ')' && address.count('(') < address.count(')')) ||
                           (last == ']' && address.count('[') < address.count(']'));
        if (!sentence.contains(last) && !stray) break;
        address.chop(1);
    }
    return address;
}

}  // namespace

std::vector<Link> findLinks(const QString& text) {
    std::vector<Link> links;
    auto matches = pattern().globalMatch(text);
    while (matches.hasNext()) {
        const auto match = matches.next();
        const QString address = trimmedEnd(match.captured());
        const QUrl url(address, QUrl::StrictMode);
        if (isWebAddress(url)) links.push_back({match.capturedStart(), address.size(), url});
    }
    return links;
}

bool isWebAddress(const QUrl& url) {
    return url.isValid() && !url.host().isEmpty() &&
           (url.scheme() == "http" || url.scheme() == "https");
}

}  // namespace parlor::agent
