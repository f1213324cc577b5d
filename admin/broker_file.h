#pragma once

// The dynamic-security plugin's own file, for the one thing that cannot be asked of a running
// broker: the account that manages all others.

#include <string>

#include "proto/errors.h"

namespace parlor::admin {

// The password that an account should have.
struct AccountPassword {
    std::string account;
    std::string password;
};

// Makes the file at `path` (mode 0600), or changes the one that is there, so that kAdminAccount has
// this password and nothing but adminRights(), and whatever no right grants is refused; and so that
// the accounts of `others` that the file has, have these passwords. Everything else in the file
// stays; a file that says so already is not touched. The broker must not run: it would write its
// own state over it. Fails with malformed where the file is not the plugin's, with unavailable
// where it cannot be written. True where it was made or changed.
Expected<bool> prepareBrokerFile(const std::string& path, const std::string& adminPassword,
                                 const std::vector<AccountPassword>& others);

}  // namespace parlor::admin
