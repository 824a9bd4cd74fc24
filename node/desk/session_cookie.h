#pragma once

#include <string>

#include "base/id.h"

namespace liaison::node {

/// The session's token as a cookie, for pages: never readable by scripts, never sent along by
/// another site.
struct SessionCookie {
  NodeId node{};        ///< whose desk it is: a browser keeps one jar for all ports of a host
  bool secure = false;  ///< the desk is served with TLS: the browser sends it over that alone

  [[nodiscard]] std::string name() const;
  /// Values of Set-Cookie.
  [[nodiscard]] std::string carrying(const std::string& token) const;
  [[nodiscard]] std::string ended() const;
};

}  // namespace liaison::node
