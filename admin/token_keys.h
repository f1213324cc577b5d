#pragma once

// The gateways' token keys: lines `kid:secret`, of which the first signs and all verify, but for
// the one named opening, from which ids of conversations are made. Comments and empty lines stay.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/errors.h"

namespace parlor::admin {

class KeyFile {
 public:
    enum class Use { signs, verifies, opening };
    struct Key {
        std::string kid;
        Use use;
    };

    // malformed names the line, and never a secret.
    static Expected<KeyFile> parse(std::string_view text);

    std::vector<Key> keys() const;
    // Adds a random key that verifies; the first one of a file signs. Its name: the given one, else
    // the next free of k1, k2, … conflict where there is one of that name.
    Expected<std::string> add(const std::optional<std::string>& kid);
    // From now on this one signs. notFound where there is none.
    Expected<void> use(const std::string& kid);
    // notFound where there is none, conflict where it is still in use.
    Expected<void> remove(const std::string& kid);
    std::string text() const;

 private:
    std::vector<std::string>::iterator find(const std::string& kid);
    std::vector<std::string>::iterator firstKey();
    void keepOpening();

    std::vector<std::string> lines_;
};

std::string_view name(KeyFile::Use use);

}  // namespace parlor::admin
