#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/http.h"

namespace liaison::web {

/// The names, with port, by which this desk may be addressed: "127.0.0.1:7681", "localhost:7681".
/// A web page elsewhere can make its own name resolve to a loopback address (DNS rebinding), but
/// then its browser sends that name.
class HostGuard {
 public:
  /// `names`: further names or NAME:PORT under which the desk is reached, from its configuration.
  HostGuard(std::string_view address, int port, const std::vector<std::string>& names);

  /// Why a request is to be refused because of where it comes from, or nullopt. Refused are: a
  /// Host that is none of ours, an Origin that is none of ours, and anything but a plain
  /// navigation that the browser says comes from another site.
  [[nodiscard]] std::optional<Error> refuses(const Request& request) const;

 private:
  [[nodiscard]] bool knows(std::string_view host) const;
  std::vector<std::string> hosts_;
};

/// 127.0.0.0/8 or ::1, as an address; "localhost" too.
bool is_loopback(std::string_view address);

}  // namespace liaison::web
