#include "node/desk/session_cookie.h"

namespace liaison::node {
namespace {

std::string attributes(const SessionCookie& cookie) {
  return std::string("; Path=/; HttpOnly; SameSite=Strict") + (cookie.secure ? "; Secure" : "");
}

}  // namespace

/// A node's id has only characters that a cookie's name may have (RFC 6265, 4.1.1).
std::string SessionCookie::name() const {
  return "liaison_session_" + node.text();
}

std::string SessionCookie::carrying(const std::string& token) const {
  return name() + "=" + token + attributes(*this);
}

std::string SessionCookie::ended() const {
  return name() + "=; Max-Age=0" + attributes(*this);
}

}  // namespace liaison::node
