#include "node/desk/people.h"

#include <algorithm>

#include "base/bytes.h"

namespace liaison::node {

const char* name_of(Scope scope) {
  switch (scope) {
    case Scope::all:
      return "all";
    case Scope::read:
      return "read";
  }
  return "";
}

Result<Scope> parse_scope(std::string_view text) {
  if (text == "all") return Scope::all;
  if (text == "read") return Scope::read;
  return fail(Reason::malformed, "a token's scope is all or read");
}

Result<wire::UserRole> parse_role_at(NodeRole node, std::string_view text) {
  const bool office = node == NodeRole::adviser;
  const auto role = casework::parse_user_role(text);
  const auto& staff = office ? office_staff : provider_staff;
  if (role && (staff.has(*role) || administrators.has(*role))) return role;
  return fail(
      Reason::malformed,
      office ? "the roles at an office are adviser, specialist, manager and administrator"
             : "the roles at a provider are caseworker, practitioner, manager and administrator");
}

Result<std::string> check_person_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  const bool fits = name.size() >= 2 && name.size() <= 40 && name.front() >= 'a' &&
                    name.front() <= 'z' && std::all_of(name.begin(), name.end(), allowed);
  if (fits) return std::string(name);
  return fail(Reason::malformed,
              "a sign-in name is 2 to 40 of a-z, 0-9, '-', '.' and '_', beginning with a letter");
}

Result<void> check_password(std::string_view password) {
  if (password.size() > password_bytes_max)
    return fail(Reason::too_large, "the password is over 1024 octets");
  // It travels in JSON when its owner signs in.
  if (!is_utf8(password)) {
    return fail(Reason::malformed,
                "the password is not text in UTF-8: give another, or set the terminal to UTF-8");
  }
  const auto characters =
      std::count_if(password.begin(), password.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (characters < 8) {
    return fail(Reason::malformed, "the password is too short: give at least 8 characters");
  }
  return {};
}

}  // namespace liaison::node
