#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "web/http.h"

namespace liaison::web {

/// What a route lets a request do before anybody has looked at its body.
enum class Access {
  open,       ///< anyone who reaches the port
  signed_in,  ///< the gate must know who asks
};

struct Route {
  Method method = Method::get;
  std::string pattern;  ///< "/api/v1/referrals/{id}"; a {name} matches one segment, never empty
  Access access = Access::signed_in;
  std::size_t body_bytes_max = std::size_t{64} << 10;
  Handler handler;
};

struct NotFound {};
/// The path is known, by other methods: what `Allow` says.
struct MethodNotAllowed {
  std::string allow;
};
struct Matched {
  const Route* route;
  std::map<std::string, std::string> parameters;
};
using Match = std::variant<Matched, MethodNotAllowed, NotFound>;

/// Routes are tried in the order in which they were added; the first that fits serves.
class Router {
 public:
  /// A bug if method and pattern are there already.
  void add(Route route);
  [[nodiscard]] Match match(Method method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace liaison::web
