#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "base/id.h"
#include "node/desk/people.h"

namespace liaison::node {

inline constexpr Duration session_idle_max = std::chrono::hours(1);
inline constexpr Duration session_life_max = std::chrono::hours(12);
inline constexpr std::size_t sessions_max = 1024;

/// Who is signed in with a password. In memory: a restart signs everybody out. For any thread.
class Sessions {
 public:
  explicit Sessions(Entropy& entropy) : entropy_(entropy) {}

  /// The session's token. With sessions_max open, the one longest idle ends.
  std::string open(const Caller& who, Duration now);
  /// Who it is; nullopt: ended, or idle for too long.
  std::optional<Caller> find(const std::string& token, Duration now);
  /// Whether it has not ended; that somebody asks is no use of it.
  [[nodiscard]] bool is_open(const std::string& token, Duration now);
  void close(const std::string& token);
  /// Ends all sessions of a person who was disabled or whose password changed.
  void close_all_of(const std::string& name);

 private:
  struct Session {
    Caller who;
    Duration opened{};
    Duration used{};
    [[nodiscard]] bool is_over(Duration now) const;
  };
  std::mutex mutex_;
  Entropy& entropy_;
  std::map<Digest, Session> sessions_;
};

}  // namespace liaison::node
