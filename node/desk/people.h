#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/role.h"
#include "base/time.h"
#include "casework/actor.h"

/// People who sign in at a node, and what their role lets them do.
namespace liaison::node {

/// What a token lets its bearer do; never more than the person's role does.
enum class Scope : std::uint8_t { all = 1, read = 2 };
const char* name_of(Scope scope);
Result<Scope> parse_scope(std::string_view text);

struct Person {
  std::string name;  ///< sign-in name
  std::string display_name;
  wire::UserRole role = wire::UserRole::none;
  bool has_password = false;
  std::optional<Instant> disabled_at;
  Instant created_at{};
};

/// A person at work: who is acting in one request.
struct Caller {
  std::string name;
  std::string display_name;
  wire::UserRole role = wire::UserRole::none;
  Scope scope = Scope::all;

  [[nodiscard]] casework::Actor at(const NodeId& node) const {
    return {node, name, role, display_name};
  }
};

/// A set of roles, for saying who may use a route.
class Roles {
 public:
  constexpr Roles(std::initializer_list<wire::UserRole> roles) {
    for (const auto role : roles)
      bits_ |= 1U << static_cast<unsigned>(role);
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool has(wire::UserRole role) const {
    return (bits_ >> static_cast<unsigned>(role) & 1U) != 0;
  }

 private:
  unsigned bits_ = 0;
};

// Who sees clients, at an office and at a provider. Administrators run the node and see none.
inline constexpr Roles office_staff = {wire::UserRole::adviser, wire::UserRole::specialist,
                                       wire::UserRole::manager};
inline constexpr Roles provider_staff = {wire::UserRole::caseworker, wire::UserRole::practitioner,
                                         wire::UserRole::manager};
inline constexpr Roles casework_staff = {wire::UserRole::adviser, wire::UserRole::specialist,
                                         wire::UserRole::manager, wire::UserRole::caseworker,
                                         wire::UserRole::practitioner};
inline constexpr Roles administrators = {wire::UserRole::administrator};
inline constexpr Roles everyone = {wire::UserRole::adviser,    wire::UserRole::specialist,
                                   wire::UserRole::manager,    wire::UserRole::administrator,
                                   wire::UserRole::caseworker, wire::UserRole::practitioner};

/// Reads a role that people of such a node can have; malformed lists them.
Result<wire::UserRole> parse_role_at(NodeRole node, std::string_view text);
/// A sign-in name: 2 to 40 of a-z, 0-9, '-', '.' and '_', beginning with a letter.
Result<std::string> check_person_name(std::string_view name);
inline constexpr std::size_t password_bytes_max = 1024;
/// A password: UTF-8, at least 8 characters, at most password_bytes_max octets.
Result<void> check_password(std::string_view password);

}  // namespace liaison::node
