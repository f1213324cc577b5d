#pragma once

#include <QString>
#include <QUrl>
#include <vector>

namespace parlor::agent {

// A web address inside a plain text.
struct Link {
    qsizetype start = 0;
    qsizetype length = 0;
    QUrl url;  // http or https, valid
};

// The http and https addresses in `text`, in order. Punctuation that ends the sentence rather than
// the address is left out, as is a closing bracket whose opening one is outside.
std::vector<Link> findLinks(const QString& text);

// Whether it may be opened at a click: http or https, with a host.
bool isWebAddress(const QUrl& url);

}  // namespace parlor::agent
