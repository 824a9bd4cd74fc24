#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "crypto/password.h"
#include "node/desk/open_directory.h"
#include "node/desk/people.h"
#include "node/desk/recent.h"
#include "node/desk/session_cookie.h"
#include "node/desk/sessions.h"
#include "node/desk/sign_ins.h"
#include "node/shell/engine.h"
#include "web/changes.h"
#include "web/http.h"
#include "web/server.h"

/// The desk: what people and their programs reach over HTTP. Its routes are tables (routes.h), so
/// that the API's description is made and checked from the same.
namespace liaison::node {

class Desk;
class Loop;

/// What is shown of one thing: JSON text and the version it has now, for ETag and If-Match.
struct Shown {
  std::string json;
  std::string version;  ///< empty: none
};

struct DeskRoute {
  web::Method method = web::Method::get;
  std::string pattern;
  Roles roles;         ///< who may; empty: nobody needs to be signed in
  std::string name;    ///< operationId: "showReferral"
  std::string about;   ///< one line
  std::string body;    ///< schema of openapi_components.json that the body follows; empty: no body
  std::string answer;  ///< schema of the answer
  std::function<web::Response(Desk&, const web::Request&, const Caller&)> handler;
  std::size_t body_bytes_max = std::size_t{1} << 20;
};

struct DeskConfig {
  SessionCookie cookie{};
  VerifyPassword verify = crypto::verify_password;
  // For how long the engine is not asked again for what anyone may ask without signing in.
  Duration status_stands = std::chrono::seconds(1);
  Duration directory_stands = std::chrono::seconds(5);  ///< be it that something changed
};

/// Serves routes over a node's engine. Handlers run on the server's threads; what they give to
/// read() and change() runs on the engine's thread, between two turns.
class Desk {
 public:
  Desk(Loop& loop, Entropy& entropy, DeskConfig config = {});
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  [[nodiscard]] web::Router router(const std::vector<DeskRoute>& routes);
  [[nodiscard]] web::Gate gate(const std::vector<DeskRoute>& routes);

  /// Answers with what `show` says.
  web::Response read(const std::function<Result<Shown>(Engine&, Now)>& show);

  /// Does what `act` does, once for each Idempotency-Key (which a POST must have), durably before
  /// it answers: status 201 or 200, with what `show` says of the id that `act` gave. A repeat of
  /// the key does nothing and shows that id again.
  using Act = std::function<Result<std::string>(Engine&, Now)>;
  using Show = std::function<Result<Shown>(Engine&, Now, const std::string& made)>;
  enum class Makes { new_thing, change };
  web::Response change(const web::Request& request, const Caller& caller, Makes makes,
                       const Act& act, const Show& show);

  /// Says, whenever it is asked, whether the token or session that came with this request is still
  /// good. For answers without an end; not for the loop's thread.
  [[nodiscard]] std::function<bool()> still_signed_in(const web::Request& request);

  /// For those who are not signed in: the status, as it stood within the last second.
  [[nodiscard]] std::shared_ptr<const Status> recent_status();
  /// For the same: the directory, as it stood within the last five seconds.
  [[nodiscard]] std::shared_ptr<const OpenDirectory> open_directory();

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] Sessions& sessions() { return sessions_; }
  [[nodiscard]] const SessionCookie& cookie() const { return cookie_; }
  [[nodiscard]] SignIns& sign_ins() { return sign_ins_; }
  [[nodiscard]] const std::shared_ptr<web::ChangeFeed>& changes() const { return changes_; }

 private:
  std::optional<web::Response> admit(web::Request& request, const DeskRoute& route);
  struct Credential {
    std::string token;
    bool in_cookie = false;
  };
  [[nodiscard]] std::optional<Credential> credential_of(const web::Request& request) const;
  std::shared_ptr<const Caller> identify(const web::Request& request);
  std::optional<Caller> bearer(const Credential& credential);

  Loop& loop_;
  SessionCookie cookie_;
  Sessions sessions_;
  SignIns sign_ins_;
  const Duration status_stands_, directory_stands_;
  Recent<Status> status_;
  struct Seen {
    std::uint64_t changes = 0;  ///< Loop::changes() before it was looked at
    OpenDirectory directory;
  };
  Recent<Seen> directory_;
  std::shared_ptr<web::ChangeFeed> changes_ = std::make_shared<web::ChangeFeed>();
};

/// Precondition of a change: what the caller saw (`If-Match`) is what there is.
Result<void> check_version(const web::Request& request, const std::string& version);

}  // namespace liaison::node
