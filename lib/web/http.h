#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace liaison::web {

class ChangeFeed;

enum class Method { get, post, put, patch, del };
const char* name_of(Method method);
/// Reads "GET", "POST", ...; HEAD counts as GET. nullopt: a method that we do not speak.
std::optional<Method> parse_method(std::string_view text);
/// Whether a request by this method may change something.
bool is_unsafe(Method method);

/// Equal without regard to ASCII case, as header names are compared.
bool equal_ignoring_case(std::string_view a, std::string_view b);

using Header = std::pair<std::string, std::string>;

/// A request within the limits of server.h. Nothing in it has been believed yet.
struct Request {
  Method method = Method::get;
  std::string path;                                        ///< percent-decoded, without the query
  std::vector<Header> headers;                             ///< in no particular order
  std::vector<std::pair<std::string, std::string>> query;  ///< percent-decoded
  std::map<std::string, std::string> parameters;           ///< what the route's {names} matched
  std::string route;                                       ///< the route's pattern
  std::string body;                                        ///< empty while a gate looks at it
  std::string peer;                                        ///< address, without the port
  std::shared_ptr<const void> identity;                    ///< whom the gate found, for the handler

  /// The first header of that name, whatever its case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  /// A {name} of the route; a bug if the route has none such.
  [[nodiscard]] const std::string& parameter(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<Header> headers;
  /// Instead of a body: the connection stays open and carries the feed's changes after `since`.
  std::shared_ptr<ChangeFeed> changes;
  std::uint64_t since = 0;
  /// Asked before changes, or a heartbeat, are sent: whether who listens still may. None: they may.
  std::function<bool()> may_listen;

  /// The entity tag `version`, quoted.
  Response& with_etag(std::string_view version);
  Response& with_header(std::string name, std::string value);
  /// The first header of that name; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

using Handler = std::function<Response(const Request&)>;

/// Whether `If-Match` (RFC 9110, 13.1.1) permits changing what has this version now: absent, `*`,
/// or a list that names it.
bool if_match_allows(const Request& request, std::string_view version);

}  // namespace liaison::web
