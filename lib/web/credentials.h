#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "web/http.h"

namespace liaison::web {

/// `Authorization: Bearer TOKEN`, or nullopt.
std::optional<std::string> bearer_token(const Request& request);
/// The value of a cookie, or nullopt.
std::optional<std::string> cookie(const Request& request, std::string_view name);

/// How often one may try to sign in: after five failures within 15 minutes from one address under
/// one name, that pair waits, 30 seconds at first and twice as long after each further failure, to
/// 15 minutes. Bounded in memory; the oldest is forgotten first.
class AttemptLimiter {
 public:
  explicit AttemptLimiter(std::size_t pairs_max = 4096) : pairs_max_(pairs_max) {}

  /// How long to wait before the next attempt; zero: now.
  [[nodiscard]] Duration wait(const std::string& name, const std::string& peer, Duration now) const;
  void failed(const std::string& name, const std::string& peer, Duration now);
  void succeeded(const std::string& name, const std::string& peer);

 private:
  struct Record {
    int failures = 0;
    Duration last{};
  };
  using Key = std::pair<std::string, std::string>;
  std::size_t pairs_max_;
  std::map<Key, Record> records_;
};

}  // namespace liaison::web
