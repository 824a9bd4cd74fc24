#pragma once

#include <string>
#include <string_view>

#include "broker/core/policy.h"

namespace liaison::broker {

/// {"otherwise": "allow", "rules": [{"from": "role:provider", "to": "node:jcp-leeds", "verdict":
/// "deny"}]} where a party is "*", "role:adviser", "role:provider" or "node:ID".
std::string to_json_text(const Policy& policy);
/// Reads the same. Malformed names the rule and what is wrong with it.
Result<Policy> policy_from_json(std::string_view text);

}  // namespace liaison::broker
