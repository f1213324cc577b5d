#include "ledger/store/database_url.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace parlor::ledger {
namespace {

constexpr int kPostgresqlPort = 5432;
constexpr int kMysqlPort = 3306;

Error malformed(const std::string& what) { return {Errc::malformed, "database.url: " + what}; }

std::string encoded(const std::string& text) {
    std::string encoded;
    Poco::URI::encode(text, ":/?#[]@!$&'()*+,;=", encoded);
    return encoded;
}

std::string decoded(const std::string& text) {
    std::string plain;
    Poco::URI::decode(text, plain);
    return plain;
}

Expected<DatabaseUrl> parseServer(const Poco::URI& uri, Dialect dialect, int defaultPort) {
    DatabaseUrl url;
    url.dialect = dialect;
    url.host = uri.getHost();
    url.port = uri.getPort() == 0 ? defaultPort : uri.getPort();
    const std::string& userInfo = uri.getUserInfo();
    const auto colon = userInfo.find(':');
    url.user = decoded(userInfo.substr(0, colon));
    if (colon != std::string::npos) url.password = decoded(userInfo.substr(colon + 1));
    if (url.host.empty()) return malformed("names no host");
    if (url.user.empty()) return malformed("names no user");
    const std::string& path = uri.getPath();
    if (path.size() < 2 || path.find('/', 1) != std::string::npos) {
        return malformed("must end in /database");
    }
    url.path = path.substr(1);
    // What separates the parts of Poco's connection strings cannot be quoted there.
    for (const auto* part : {&url.host, &url.user, &url.password, &url.path}) {
        if (part->find_first_of(" ;") != std::string::npos) {
            return malformed("neither spaces nor semicolons are possible in it");
        }
    }
    return url;
}

}  // namespace

std::string_view name(Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite:
            return "sqlite";
        case Dialect::postgresql:
            return "postgresql";
        case Dialect::mysql:
            return "mysql";
    }
    return "";
}

Expected<DatabaseUrl> DatabaseUrl::parse(const std::string& text) {
    try {
        const Poco::URI uri(text);
        if (uri.getScheme() == "sqlite") {
            if (!uri.getHost().empty() || uri.getPath().size() < 2) {
                return malformed("sqlite needs an absolute path: sqlite:///path/of/file.db");
            }
            DatabaseUrl url;
            url.path = uri.getPath();
            return url;
        }
        if (uri.getScheme() == "postgresql") {
            return parseServer(uri, Dialect::postgresql, kPostgresqlPort);
        }
        if (uri.getScheme() == "mysql") return parseServer(uri, Dialect::mysql, kMysqlPort);
    } catch (const Poco::Exception&) {
        return malformed("is not a URL");
    }
    return malformed("must start with sqlite://, postgresql:// or mysql://");
}

std::string DatabaseUrl::text() const {
    if (dialect == Dialect::sqlite) return display();
    return std::string(name(dialect)) + "://" + encoded(user) + ":" + encoded(password) + "@" +
           host + ":" + std::to_string(port) + "/" + path;
}

std::string DatabaseUrl::display() const {
    if (dialect == Dialect::sqlite) return "sqlite://" + path;
    return std::string(name(dialect)) + "://" + user + "@" + host + ":" + std::to_string(port) +
           "/" + path;
}

}  // namespace parlor::ledger
