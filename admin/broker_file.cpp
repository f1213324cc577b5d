#include "admin/broker_file.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "admin/directory.h"
#include "admin/rights.h"
#include "admin/secrets.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;
using Bytes = std::vector<unsigned char>;

// As the plugin does it itself: PBKDF2 (RFC 8018) with HMAC-SHA-512 over a salt of 12 bytes. Its
// few rounds do, since generated passwords have 144 random bits.
constexpr int kIterations = 101;
constexpr int kMaxIterations = 10'000'000;  // more is not a file of the plugin's
constexpr std::size_t kSaltBytes = 12;
constexpr std::size_t kHashBytes = 64;

std::string toBase64(const Bytes& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// Empty where it is not base64.
Bytes fromBase64(std::string_view text) {
    Bytes bytes(text.size() / 4 * 3 + 3);
    const int size =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size()));
    if (size < 0) return {};
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=')
        ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

Bytes hash(const std::string& password, const Bytes& salt, int iterations) {
    Bytes result(kHashBytes);
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                          static_cast<int>(salt.size()), iterations, EVP_sha512(),
                          static_cast<int>(result.size()), result.data()) != 1) {
        throw std::runtime_error("OpenSSL has no PBKDF2 with SHA-512");
    }
    return result;
}

bool hasPassword(const json::object& client, const std::string& password) {
    const auto* stored = client.if_contains("password");
    const auto* salt = client.if_contains("salt");
    const auto* iterations = client.if_contains("iterations");
    if (!stored || !stored->is_string() || !salt || !salt->is_string() || !iterations ||
        !iterations->is_int64() || iterations->get_int64() < 1 ||
        iterations->get_int64() > kMaxIterations) {
        return false;
    }
    const auto computed =
        hash(password, fromBase64(salt->get_string()), static_cast<int>(iterations->get_int64()));
    return toBase64(computed) == stored->get_string();
}

void setPassword(json::object& client, const std::string& password) {
    if (hasPassword(client, password)) return;
    Bytes salt(kSaltBytes);
    if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
        throw std::runtime_error("the system has no random numbers");
    }
    client["password"] = toBase64(hash(password, salt, kIterations));
    client["salt"] = toBase64(salt);
    client["iterations"] = kIterations;
}

json::object makeRole() {
    auto role = commands::createRole({.name = kAdminAccount, .title = "", .rights = adminRights()});
    role.erase("command");
    role.erase("textname");
    return role;
}

json::array& listOf(json::object& file, std::string_view name) {
    auto& value = file[name];
    if (!value.is_array()) value = json::array();
    return value.get_array();
}

// The entry of `list` whose `member` is `name`, or null.
json::object* find(json::array& list, std::string_view member, std::string_view name) {
    for (auto& entry : list) {
        if (!entry.is_object()) continue;
        const auto* value = entry.get_object().if_contains(member);
        if (value && value->is_string() && value->get_string() == name) return &entry.get_object();
    }
    return nullptr;
}

json::object& findOrAdd(json::array& list, std::string_view member, std::string_view name) {
    if (auto* found = find(list, member, name)) return *found;
    list.push_back(json::object{{member, name}});
    return list.back().get_object();
}

Expected<json::object> readFile(const std::string& path) {
    if (!std::filesystem::exists(path)) return json::object();
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    boost::system::error_code failed;
    auto file = json::parse(text, failed);
    if (failed || !file.is_object()) {
        return Error{Errc::malformed, path +
                                          " is damaged: put a copy back, or delete it to begin "
                                          "without any account"};
    }
    return file.get_object();
}

}  // namespace

Expected<bool> prepareBrokerFile(const std::string& path, const std::string& adminPassword,
                                 const std::vector<AccountPassword>& others) {
    auto before = readFile(path);
    if (!before) return before.error();
    auto after = *before;
    after["defaultACLAccess"] = {{"publishClientSend", false},
                                 {"publishClientReceive", false},
                                 {"subscribe", false},
                                 {"unsubscribe", true}};
    findOrAdd(listOf(after, "roles"), "rolename", kAdminAccount) = makeRole();

    auto& accounts = listOf(after, "clients");
    auto& admin = findOrAdd(accounts, "username", kAdminAccount);
    admin["roles"] = json::array{json::object{{"rolename", kAdminAccount}}};
    admin.erase("disabled");
    setPassword(admin, adminPassword);
    for (const auto& other : others) {
        if (auto* account = find(accounts, "username", other.account)) {
            setPassword(*account, other.password);
        }
    }
    if (after == *before) return false;
    if (auto written = writePrivateFile(path, json::serialize(after) + "\n"); !written) {
        return written.error();
    }
    return true;
}

}  // namespace parlor::admin
