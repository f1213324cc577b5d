#include "ledger/directory/profiles.h"

#include <algorithm>

#include "ledger/directory/opening_hours.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kMinutesPerDay = 24 * 60;
constexpr std::uint32_t kMaxOfferSeconds = 3600;
constexpr std::uint32_t kMaxAutoCloseSeconds = 30 * 24 * 3600;
constexpr std::size_t kMaxSkillLength = 64;
constexpr std::size_t kMaxTimeZoneLength = 64;

Error malformed(std::string text) { return {Errc::malformed, std::move(text)}; }

Expected<void> validateName(const std::string& name) {
    if (auto ok = validateText(name, kMaxNameBytes, "name"); !ok) return ok.error();
    return {};
}

template <class Skills>
Expected<void> validateSkills(const Skills& skills) {
    if (skills.size() > kMaxSkills) return malformed("skills: too many");
    for (const auto& skill : skills) {
        if (!isName(skill, kMaxSkillLength, "._-")) {
            return malformed("skills: must be 1 to 64 of a-z 0-9 ._-");
        }
    }
    return {};
}

// Only what looks like a name is repeated in the answer.
Expected<void> validateTimeZone(const std::string& name) {
    const auto fits = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '/';
    };
    if (name.size() > kMaxTimeZoneLength || !std::all_of(name.begin(), name.end(), fits)) {
        return malformed("time_zone: not an IANA name");
    }
    if (name.empty() || OpeningHours::isTimeZone(name)) return {};
    return malformed("time_zone: there is no \"" + name + "\" (an IANA name, e.g. Asia/Shanghai)");
}

Expected<void> validateHours(const v1::DepartmentProfile& profile) {
    if (profile.hours_size() > kMaxOpeningTimes) return malformed("hours: too many");
    for (const auto& time : profile.hours()) {
        if (time.weekday() < 1 || time.weekday() > 7) {
            return malformed("hours.weekday: 1 (Monday) to 7");
        }
        if (time.until_minute() > kMinutesPerDay || time.from_minute() >= time.until_minute()) {
            return malformed("hours: until_minute must be after from_minute, at most 1440");
        }
    }
    return {};
}

}  // namespace

v1::Role Profiles::roleOf(const std::string& agent) const {
    const auto found = agents.find(agent);
    if (found == agents.end() || found->second.profile.role() == v1::ROLE_UNSPECIFIED) {
        return v1::ROLE_AGENT;
    }
    return found->second.profile.role();
}

bool Profiles::isDisabled(const std::string& agent) const {
    const auto found = agents.find(agent);
    return found != agents.end() && found->second.profile.disabled();
}

Expected<void> validate(const v1::DepartmentProfile& profile) {
    if (auto id = DepartmentId::parse(profile.id()); !id) return id.error();
    if (auto ok = validateName(profile.name()); !ok) return ok;
    if (!v1::Routing_IsValid(profile.routing())) return malformed("routing: no such strategy");
    if (auto ok = validateSkills(profile.skills()); !ok) return ok;
    if (auto ok = validateTimeZone(profile.time_zone()); !ok) return ok;
    if (profile.offer_timeout_s() > kMaxOfferSeconds) {
        return malformed("offer_timeout_s: at most 3600");
    }
    if (profile.auto_close_s() > kMaxAutoCloseSeconds) {
        return malformed("auto_close_s: at most 2592000");
    }
    if (auto ok = validatePriority(profile.priority(), "priority"); !ok) return ok.error();
    return validateHours(profile);
}

Expected<void> validate(const v1::AgentProfile& profile) {
    if (auto id = AgentId::parse(profile.id()); !id) return id.error();
    if (auto ok = validateName(profile.name()); !ok) return ok;
    if (!v1::Role_IsValid(profile.role())) return malformed("role: no such role");
    if (profile.departments_size() > static_cast<int>(kMaxDepartments)) {
        return malformed("departments: too many");
    }
    for (const auto& department : profile.departments()) {
        if (auto id = DepartmentId::parse(department); !id) return id.error();
    }
    if (profile.capacity() > kMaxCapacity) return malformed("capacity: at most 1000");
    return validateSkills(profile.skills());
}

Expected<void> validate(const v1::CannedReply& reply) {
    if (auto id = Ulid::parse(reply.id()); !id) return malformed("reply.id: " + id.error().text);
    if (!reply.owner().empty()) {
        if (auto owner = AgentId::parse(reply.owner()); !owner) return owner.error();
    }
    for (const auto* text : {&reply.shortcut(), &reply.title()}) {
        if (auto ok = validateText(*text, kMaxNameBytes, "reply"); !ok) return ok.error();
    }
    if (reply.text().empty()) return malformed("reply.text: empty");
    if (auto ok = validateText(reply.text(), kMaxTextBytes, "reply.text"); !ok) return ok.error();
    return {};
}

}  // namespace parlor::ledger
