#pragma once

// Passwords as files: made here, read from files or the standard input, never taken from a command
// line and never logged.

#include <string>

#include "proto/errors.h"

namespace parlor::admin {

// 18 random bytes, as 24 characters of base64url. Throws std::runtime_error where the system has no
// randomness.
std::string generatePassword();

// The first line of a file, or of the standard input for "-". notFound where there is no such file,
// malformed where the line is empty or longer than 1024 bytes.
Expected<std::string> readSecret(const std::string& path);

// At least 12 characters of UTF-8 without control characters; malformed says what is wrong.
Expected<void> checkPassword(const std::string& password);

// Puts the secret and a line feed in place of the file, for its owner only (mode 0600): whose it
// was before, else this user. Whole or not at all; unavailable says why it could not.
Expected<void> writeSecret(const std::string& path, const std::string& secret);

// Puts `text` in place of the file in the same manner.
Expected<void> writePrivateFile(const std::string& path, const std::string& text);

}  // namespace parlor::admin
