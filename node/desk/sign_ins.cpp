#include "node/desk/sign_ins.h"

#include "crypto/password.h"
#include "node/desk/people_store.h"
#include "node/shell/loop.h"

namespace liaison::node {

SignIns::SignIns(Loop& loop, Sessions& sessions, VerifyPassword verify)
    : loop_(loop), sessions_(sessions), verify_(std::move(verify)) {}

Result<std::string> SignIns::sign_in(const std::string& name, const std::string& password,
                                     const std::string& peer) {
  if (const auto counted = count_attempt(name, peer); !counted) return fail(counted.error());
  const auto encoded = loop_.call(
      [&name](Engine& engine, Now) { return PeopleStore(engine.database()).password_of(name); });
  const auto token = is_right(password, encoded) ? open_session(name, encoded) : std::nullopt;
  if (!token) return fail(Reason::forbidden, "name or password is wrong");
  const std::lock_guard lock(attempts_mutex_);
  attempts_.succeeded(name, peer);
  return *token;
}

/// Before the answer is known, so that many attempts at once count too.
Result<void> SignIns::count_attempt(const std::string& name, const std::string& peer) {
  const auto now = system_now().steady;
  const std::lock_guard lock(attempts_mutex_);
  const auto wait = attempts_.wait(name, peer, now);
  if (wait.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return fail(Reason::busy,
                "too many wrong passwords: wait " + std::to_string(seconds) + " seconds");
  }
  attempts_.failed(name, peer, now);
  return {};
}

/// The same work whether or not there is such a person, so that the time tells nothing.
bool SignIns::is_right(const std::string& password, const std::string& encoded) {
  const std::lock_guard lock(hashing_mutex_);
  static const std::string nobodys = crypto::hash_password("nobody's password");
  return verify_(password, encoded.empty() ? nobodys : encoded) && !encoded.empty();
}

/// Checking took long: whoever was disabled meanwhile, or whose password was changed, has had their
/// sessions ended, and gets none after that. The loop's thread, which opens it, is the one that
/// ends them.
std::optional<std::string> SignIns::open_session(const std::string& name,
                                                 const std::string& encoded) {
  return loop_.call([&](Engine& engine, Now now) -> std::optional<std::string> {
    const PeopleStore people(engine.database());
    const auto person = people.find(name);
    if (!person || people.password_of(name) != encoded) return std::nullopt;
    Caller who;
    who.name = person->name;
    who.display_name = person->display_name;
    who.role = person->role;
    return sessions_.open(who, now.steady);
  });
}

}  // namespace liaison::node
