#pragma once

#include <chrono>
#include <functional>
#include <map>
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

/// How many may wait while a password is checked. Each holds one of the desk's threads, and nobody
/// has said yet who they are.
inline constexpr std::size_t sign_ins_waiting_max = 4;
/// How many of one address may be in hand, so that it leaves places to others.
inline constexpr std::size_t sign_ins_of_address_max = 3;

struct NotSignedIn {
  Error why;                    ///< forbidden: name or password is wrong; busy: too many attempts
  std::chrono::seconds wait{};  ///< busy: when to try again
};
/// The session's token.
using SignedIn = tl::expected<std::string, NotSignedIn>;

/// Signing in with a name and a password: slow on purpose, limited in rate. Addresses are counted
/// as web::counted_as says. For any thread but the loop's.
class SignIns {
 public:
  SignIns(Loop& loop, Sessions& sessions, VerifyPassword verify);

  SignedIn sign_in(const std::string& name, const std::string& password, const std::string& peer);

 private:
  /// A place among those in hand; given back when it goes.
  class Place;
  std::optional<NotSignedIn> admit(const std::string& name, const std::string& address);
  bool is_right(const std::string& password, const std::string& encoded);
  std::optional<std::string> open_session(const std::string& name, const std::string& encoded);

  Loop& loop_;
  Sessions& sessions_;
  VerifyPassword verify_;
  std::mutex attempts_mutex_;  ///< over the next three
  web::AttemptLimiter attempts_;
  std::size_t in_hand_ = 0;
  std::map<std::string, std::size_t> of_address_;  ///< of those in hand
  std::mutex hashing_mutex_;  ///< one password at a time: each takes 64 MiB and every core
};

}  // namespace liaison::node
