#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace liaison::web {

/// Reads one JSON value: UTF-8, at most 32 deep, no repeated names in an object (which one counts
/// would be a matter of opinion), nothing after it.
/// Malformed names the place, never the content.
Result<nlohmann::json> parse_json(std::string_view text);
/// As parse_json, and the value must be an object.
Result<nlohmann::json> parse_json_object(std::string_view text);
/// The value as text; octets that are no UTF-8 are replaced.
std::string to_text(const nlohmann::json& value);

}  // namespace liaison::web
