#include "web/guard.h"

#include <arpa/inet.h>

#include <algorithm>

namespace liaison::web {
namespace {

std::string in_brackets(std::string_view address) {
  const bool bare_v6 = address.find(':') != std::string_view::npos && address.front() != '[';
  return bare_v6 ? "[" + std::string(address) + "]" : std::string(address);
}

bool has_port(std::string_view name) {
  const auto colon = name.rfind(':');
  return colon != std::string_view::npos && name.find(']', colon) == std::string_view::npos;
}

}  // namespace

HostGuard::HostGuard(std::string_view address, int port, const std::vector<std::string>& names) {
  const auto with_port = [&](std::string_view name) {
    return in_brackets(name) + ":" + std::to_string(port);
  };
  hosts_.push_back(with_port(address));
  // The machine itself reaches a desk that listens everywhere by loopback too.
  if (is_loopback(address) || address == "0.0.0.0" || address == "::") {
    hosts_.push_back(with_port("localhost"));
    hosts_.push_back(with_port("127.0.0.1"));
    hosts_.push_back(with_port("::1"));
  }
  for (const auto& name : names) {
    hosts_.push_back(name);
    if (!has_port(name)) hosts_.push_back(with_port(name));
  }
}

bool HostGuard::knows(std::string_view host) const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [&](const std::string& ours) { return equal_ignoring_case(ours, host); });
}

std::optional<Error> HostGuard::refuses(const Request& request) const {
  if (!knows(request.header("Host"))) {
    return Error{Reason::forbidden, "this desk is not known under the name in the Host header"};
  }
  auto origin = request.header("Origin");
  if (!origin.empty()) {
    const auto scheme = origin.find("://");
    const bool ours = scheme != std::string_view::npos && knows(origin.substr(scheme + 3));
    if (!ours) return Error{Reason::forbidden, "a page of another origin may not use this desk"};
  }
  const auto site = request.header("Sec-Fetch-Site");
  const bool from_elsewhere = site == "cross-site" || site == "same-site";
  const bool navigation =
      !is_unsafe(request.method) && request.header("Sec-Fetch-Mode") == "navigate";
  if (from_elsewhere && !navigation) {
    return Error{Reason::forbidden, "a page of another site may not use this desk"};
  }
  return std::nullopt;
}

bool is_loopback(std::string_view address) {
  if (address == "localhost") return true;
  std::string text(address);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  const in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
  return std::equal(std::begin(v6.s6_addr), std::end(v6.s6_addr), std::begin(loopback.s6_addr));
}

}  // namespace liaison::web
