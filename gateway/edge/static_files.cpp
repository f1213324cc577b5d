#include "gateway/edge/static_files.h"

#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace parlor::gateway {
namespace {

std::string etagOf(const std::string& content) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string etag = "\"";
    for (std::size_t i = 0; i < 12; ++i) {
        etag += kDigits[digest[i] >> 4];
        etag += kDigits[digest[i] & 15];
    }
    return etag + '"';
}

}  // namespace

StaticFiles::StaticFiles(const std::string& directory) {
    add("/widget.js", directory + "/widget.js", "text/javascript; charset=utf-8",
        "public, max-age=300");
    add("/demo", directory + "/demo.html", "text/html; charset=utf-8", "no-cache");
}

void StaticFiles::add(const std::string& path, const std::string& file, std::string_view type,
                      std::string_view cacheControl) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    if (!in || !(content << in.rdbuf())) {
        throw std::runtime_error("widget.dir: cannot read " + file);
    }
    File added;
    added.type = type;
    added.content = std::make_shared<const std::string>(content.str());
    added.etag = etagOf(*added.content);
    added.headers =
        "ETag: " + added.etag + "\r\nCache-Control: " + std::string(cacheControl) + "\r\n";
    files_.emplace(path, std::move(added));
}

Response StaticFiles::get(std::string_view path, std::string_view ifNoneMatch) const {
    const File& file = files_.find(path)->second;
    Response response;
    response.headers = file.headers;
    // A list of tags, or one that a proxy weakened (W/"…"): to contain ours is to name it.
    if (ifNoneMatch == "*" || ifNoneMatch.find(file.etag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.contentType = file.type;
    response.shared = file.content;
    return response;
}

}  // namespace parlor::gateway
