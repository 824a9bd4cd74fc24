#include "node/desk/sign_ins.h"

#include "crypto/password.h"
#include "node/desk/people_store.h"
#include "node/shell/loop.h"
#include "web/address.h"

namespace liaison::node {
namespace {

constexpr const char* wrong = "name or password is wrong";
constexpr std::chrono::seconds place_free_after{2};

NotSignedIn come_again(const std::string& why, std::chrono::seconds wait) {
  return {{Reason::busy, why + ": wait " + std::to_string(wait.count()) + " seconds"}, wait};
}

}  // namespace

SignIns::SignIns(Loop& loop, Sessions& sessions, VerifyPassword verify)
    : loop_(loop), sessions_(sessions), verify_(std::move(verify)) {}

class SignIns::Place {
 public:
  Place(SignIns& of, std::string address) : of_(of), address_(std::move(address)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const std::lock_guard lock(of_.attempts_mutex_);
    --of_.in_hand_;
    const auto at = of_.of_address_.find(address_);
    if (--at->second == 0) of_.of_address_.erase(at);
  }

 private:
  SignIns& of_;
  const std::string address_;
};

SignedIn SignIns::sign_in(const std::string& name, const std::string& password,
                          const std::string& peer) {
  const auto address = web::counted_as(peer);
  if (auto refused = admit(name, address)) return tl::unexpected(std::move(*refused));
  const Place place(*this, address);
  const auto encoded = loop_.call(
      [&name](Engine& engine, Now) { return PeopleStore(engine.database()).password_of(name); });
  const auto token = is_right(password, encoded) ? open_session(name, encoded) : std::nullopt;
  if (!token) return tl::unexpected(NotSignedIn{{Reason::forbidden, wrong}});
  const std::lock_guard lock(attempts_mutex_);
  attempts_.succeeded(name, address);
  return *token;
}

/// Takes a place and counts the attempt before its answer is known, so that many at once count too.
/// Who is sent away for want of a place has tried no password. Places come first: of those who wait
/// nobody knows yet that their passwords are wrong.
std::optional<NotSignedIn> SignIns::admit(const std::string& name, const std::string& address) {
  const auto now = system_now().steady;
  const std::lock_guard lock(attempts_mutex_);
  const auto known = of_address_.find(address);
  if (in_hand_ > sign_ins_waiting_max ||
      (known != of_address_.end() && known->second >= sign_ins_of_address_max))
    return come_again("too many people are signing in at once", place_free_after);
  const auto wait = std::chrono::ceil<std::chrono::seconds>(attempts_.wait(name, address, now));
  if (wait.count() > 0) return come_again("too many wrong passwords", wait);
  ++in_hand_;
  ++of_address_[address];
  attempts_.failed(name, address, now);
  return std::nullopt;
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
