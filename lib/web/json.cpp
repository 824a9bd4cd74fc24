#include "web/json.h"

#include <nlohmann/json.hpp>
#include <set>

namespace liaison::web {
namespace {

constexpr int depth_max = 32;

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  bool too_deep = false;
  std::string repeated;
  std::vector<std::set<std::string>> names;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > depth_max) {
      too_deep = true;
      return false;
    }
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end && !names.empty()) names.pop_back();
    if (event == Event::key && !names.empty()) {
      if (!names.back().insert(parsed.get<std::string>()).second && repeated.empty())
        repeated = parsed.get<std::string>();
    }
    return true;
  };
  auto out = nlohmann::json::parse(text, watch, false);
  if (too_deep) return fail(Reason::malformed, "the JSON is nested more than 32 deep");
  if (!repeated.empty())
    return fail(Reason::malformed,
                "the JSON gives " +
                    nlohmann::json(repeated.substr(0, 60))
                        .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) +
                    " twice in one object: keep the one that holds");
  if (out.is_discarded())
    return fail(Reason::malformed,
                "that is not JSON in UTF-8: check commas, quotes, brackets and the encoding");
  return out;
}

Result<nlohmann::json> parse_json_object(std::string_view text) {
  auto out = parse_json(text);
  if (!out) return out;
  if (!out->is_object()) return fail(Reason::malformed, "that is not a JSON object ({...})");
  return out;
}

std::string to_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace liaison::web
