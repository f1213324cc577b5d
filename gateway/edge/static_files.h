#pragma once

// The few files that the gateway serves itself, read once at start.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/edge/response.h"

namespace parlor::gateway {

// Constant after construction; any thread.
class StaticFiles {
 public:
    // /openapi.json alone, which is part of the program.
    StaticFiles();
    // And widget.js and demo.html of `directory`, as /widget.js and /demo. Throws
    // std::runtime_error that names the file which cannot be read.
    explicit StaticFiles(const std::string& directory);

    bool has(std::string_view path) const { return files_.contains(path); }
    // has(path) holds. 304 where `ifNoneMatch` names the present version.
    Response get(std::string_view path, std::string_view ifNoneMatch) const;

 private:
    struct File {
        std::string_view type;
        std::string headers;
        std::string etag;
        std::shared_ptr<const std::string> content;
    };
    void add(const std::string& path, std::string content, std::string_view type,
             std::string_view cacheControl);

    std::map<std::string, File, std::less<>> files_;
};

}  // namespace parlor::gateway
