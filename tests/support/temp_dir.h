#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace parlor::test {

// A directory of its own under the system's temporary one, for this user only; removed with all it
// holds at the end.
class TempDir {
 public:
    TempDir();  // throws std::system_error
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }
    // The path of `name` inside it.
    std::string file(std::string_view name) const { return path_ / name; }
    // Writes `text` as `name` and gives its path. Throws std::runtime_error.
    std::string write(std::string_view name, std::string_view text) const;

 private:
    const std::filesystem::path path_;
};

// The whole file; empty where it cannot be read.
std::string readFile(const std::string& path);

}  // namespace parlor::test
