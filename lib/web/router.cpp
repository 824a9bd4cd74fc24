#include "web/router.h"

#include <algorithm>

#include "base/check.h"

namespace liaison::web {
namespace {

std::string_view next_segment(std::string_view& rest) {
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool fits(std::string_view pattern, std::string_view path,
          std::map<std::string, std::string>& parameters) {
  parameters.clear();
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    const auto given = next_segment(path);
    if (wanted.size() > 2 && wanted.front() == '{' && wanted.back() == '}') {
      if (given.empty()) return false;
      parameters.emplace(wanted.substr(1, wanted.size() - 2), given);
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

void Router::add(Route route) {
  LIAISON_CHECK(std::none_of(routes_.begin(), routes_.end(), [&](const Route& other) {
    return other.method == route.method && other.pattern == route.pattern;
  }));
  routes_.push_back(std::move(route));
}

Match Router::match(Method method, std::string_view path) const {
  std::string allow;
  for (const auto& route : routes_) {
    std::map<std::string, std::string> parameters;
    if (!fits(route.pattern, path, parameters)) continue;
    if (route.method == method) return Matched{&route, std::move(parameters)};
    if (!allow.empty()) allow += ", ";
    allow += name_of(route.method);
  }
  if (!allow.empty()) return MethodNotAllowed{std::move(allow)};
  return NotFound{};
}

}  // namespace liaison::web
