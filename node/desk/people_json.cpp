#include "node/desk/people_json.h"

#include <nlohmann/json.hpp>

namespace liaison::node {

using nlohmann::json;

json person_json(const Person& person) {
  return {{"id", person.name},
          {"name", person.display_name},
          {"role", casework::name_of(person.role)},
          {"password", person.has_password},
          {"disabled", person.disabled_at.has_value()},
          {"created_at", to_rfc3339(person.created_at)}};
}

json token_json(const TokenView& token) {
  return {{"id", token.id},
          {"user", token.person},
          {"scope", name_of(token.scope)},
          {"created_at", to_rfc3339(token.created_at)},
          {"expires_at", to_rfc3339(token.expires_at)},
          {"withdrawn", token.withdrawn_at.has_value()}};
}

}  // namespace liaison::node
