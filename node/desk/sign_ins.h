#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "node/desk/sessions.h"
#include "web/credentials.h"

namespace liaison::node {

class Loop;

/// Whether `password` is that of `encoded`: crypto::verify_password, and in tests what happens
/// meanwhile too.
using VerifyPassword = std::function<bool(std::string_view password, const std::string& encoded)>;

/// Signing in with a name and a password: slow on purpose, limited in rate. For any thread but the
/// loop's.
class SignIns {
 public:
  SignIns(Loop& loop, Sessions& sessions, VerifyPassword verify);

  /// The session's token. Forbidden: name or password is wrong; busy: too many attempts.
  Result<std::string> sign_in(const std::string& name, const std::string& password,
                              const std::string& peer);

 private:
  Result<void> count_attempt(const std::string& name, const std::string& peer);
  bool is_right(const std::string& password, const std::string& encoded);
  std::optional<std::string> open_session(const std::string& name, const std::string& encoded);

  Loop& loop_;
  Sessions& sessions_;
  VerifyPassword verify_;
  std::mutex attempts_mutex_;
  web::AttemptLimiter attempts_;
  std::mutex hashing_mutex_;  ///< one password at a time: each takes 64 MiB and every core
};

}  // namespace liaison::node
