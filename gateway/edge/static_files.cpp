#include "gateway/edge/static_files.h"

#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "gateway/edge/openapi.h"

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

std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    if (!in || !(content << in.rdbuf())) {
        throw std::runtime_error("widget.dir: cannot read " + file);
    }
    return content.str();
}

}  // namespace

StaticFiles::StaticFiles() {
    add("/openapi.json", std::string(openapiDocument()), "application/json", "public, max-age=300");
}

StaticFiles::StaticFiles(const std::string& directory) : StaticFiles() {
    add("/widget.js", read(directory + "/widget.js"), "text/javascript; charset=utf-8",
        "public, max-age=300");
    add("/demo", read(directory + "/demo.html"), "text/html; charset=utf-8", "no-cache");
}

void StaticFiles::add(const std::string& path, std::string content, std::string_view type,
                      std::string_view cacheControl) {
    File added;
    added.type = type;
    added.etag = etagOf(content);
    added.content = std::make_shared<const std::string>(std::move(content));
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
