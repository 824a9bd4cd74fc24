#include "node/desk/desk.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/desk/people_store.h"
#include "node/desk/records.h"
#include "node/shell/loop.h"
#include "web/credentials.h"
#include "web/problem.h"

namespace liaison::node {
namespace {

constexpr std::size_t key_characters_max = 128;

web::Response stopping() {
  return web::problem(503, "stopping", "The desk is stopping",
                      "the desk is stopping; try again when it serves");
}

web::Response answer(const Result<Shown>& shown, int status) {
  if (!shown) return web::problem(shown.error());
  web::Response out;
  out.status = status;
  out.body = shown->json;
  if (!shown->version.empty()) out.with_etag(shown->version);
  return out;
}

Result<std::string> idempotency_key(const web::Request& request) {
  const auto key = request.header("Idempotency-Key");
  if (request.method != web::Method::post && key.empty()) return std::string();
  const bool fits = !key.empty() && key.size() <= key_characters_max &&
                    std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (fits) return std::string(key);
  return fail(Reason::malformed,
              "the header Idempotency-Key is missing or not 1 to 128 visible characters: send a "
              "fresh random one");
}

Digest digest_of(const web::Request& request) {
  const std::string method = web::name_of(request.method);
  const std::string line = method + " " + request.path + "\n";
  return crypto::sha256({as_bytes(line), as_bytes(request.body)});
}

/// The API's own JSON is made from values that casework has checked; if one still cannot be
/// written, one request fails and not the node.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const nlohmann::json::exception&) {
    log::error("a value could not be written as JSON");
    return fail(Reason::unavailable, "the desk could not show that; its log says why");
  }
}

const char* role_refusal = "your role does not allow that here";

}  // namespace

Desk::Desk(Loop& loop, Entropy& entropy, DeskConfig config)
    : loop_(loop),
      cookie_(std::move(config.cookie)),
      sessions_(entropy),
      sign_ins_(loop, sessions_, std::move(config.verify)),
      status_stands_(config.status_stands),
      directory_stands_(config.directory_stands) {}

web::Router Desk::router(const std::vector<DeskRoute>& routes) {
  web::Router out;
  for (const auto& route : routes) {
    web::Route one;
    one.method = route.method;
    one.pattern = route.pattern;
    one.access = route.roles.empty() ? web::Access::open : web::Access::signed_in;
    one.body_bytes_max = route.body_bytes_max;
    one.handler = [this, handler = route.handler](const web::Request& request) {
      static const Caller nobody;
      const auto* caller = static_cast<const Caller*>(request.identity.get());
      try {
        return handler(*this, request, caller == nullptr ? nobody : *caller);
      } catch (const std::future_error&) {
        return stopping();
      }
    };
    out.add(std::move(one));
  }
  return out;
}

web::Gate Desk::gate(const std::vector<DeskRoute>& routes) {
  return [this, routes](web::Request& request,
                        const web::Route& matched) -> std::optional<web::Response> {
    const auto route = std::find_if(routes.begin(), routes.end(), [&](const DeskRoute& one) {
      return one.method == matched.method && one.pattern == matched.pattern;
    });
    try {
      return admit(request, *route);
    } catch (const std::future_error&) {
      return stopping();
    }
  };
}

std::optional<web::Response> Desk::admit(web::Request& request, const DeskRoute& route) {
  if (route.roles.empty()) return std::nullopt;
  const auto caller = identify(request);
  if (!caller) {
    auto out = web::problem(401, "sign-in", "Sign in",
                            "sign in first, or name a token that is still good");
    out.with_header("WWW-Authenticate", "Bearer");
    return out;
  }
  if (!route.roles.has(caller->role)) return web::problem({Reason::forbidden, role_refusal});
  if (caller->scope == Scope::read && web::is_unsafe(request.method)) {
    return web::problem({Reason::forbidden, "this token may read, not change anything"});
  }
  if (web::is_unsafe(request.method) && !request.header("Content-Type").empty() &&
      request.header("Content-Type").substr(0, 16) != "application/json") {
    return web::problem(415, "media-type", "Not supported",
                        "send JSON, with Content-Type: application/json");
  }
  request.identity = caller;
  return std::nullopt;
}

std::optional<Desk::Credential> Desk::credential_of(const web::Request& request) const {
  if (const auto bearer = web::bearer_token(request)) return Credential{*bearer, false};
  // A cookie goes with every request that a browser makes to us: for one that changes something,
  // the page must be ours by the browser's own word.
  const bool own_page =
      !request.header("Origin").empty() || request.header("Sec-Fetch-Site") == "same-origin";
  if (web::is_unsafe(request.method) && !own_page) return std::nullopt;
  const auto from_cookie = web::cookie(request, cookie_.name());
  if (!from_cookie) return std::nullopt;
  return Credential{*from_cookie, true};
}

/// Who bears it as a token of the store; a cookie holds none such.
std::optional<Caller> Desk::bearer(const Credential& credential) {
  if (credential.in_cookie) return std::nullopt;
  const auto digest = digest_of_token(credential.token);
  return loop_.call([digest](Engine& engine, Now now) {
    return PeopleStore(engine.database()).bearer(digest, now.wall);
  });
}

std::shared_ptr<const Caller> Desk::identify(const web::Request& request) {
  const auto credential = credential_of(request);
  if (!credential) return nullptr;
  auto found = sessions_.find(credential->token, system_now().steady);
  if (!found) found = bearer(*credential);
  return found ? std::make_shared<const Caller>(std::move(*found)) : nullptr;
}

std::function<bool()> Desk::still_signed_in(const web::Request& request) {
  return [this, credential = credential_of(request)] {
    if (!credential) return false;
    if (sessions_.is_open(credential->token, system_now().steady)) return true;
    try {
      return bearer(*credential).has_value();
    } catch (const std::future_error&) {
      return false;  // the node is stopping
    }
  };
}

web::Response Desk::read(const std::function<Result<Shown>(Engine&, Now)>& show) {
  return answer(loop_.call([&show](Engine& engine, Now now) -> Result<Shown> {
    return guarded([&] { return show(engine, now); });
  }),
                200);
}

web::Response Desk::change(const web::Request& request, const Caller& caller, Makes makes,
                           const Act& act, const Show& show) {
  const auto key = idempotency_key(request);
  if (!key) return web::problem(key.error());
  const auto digest = digest_of(request);
  const auto outcome = loop_.call([&](Engine& engine, Now now) -> Result<Shown> {
    if (!key->empty()) {
      const auto earlier = earlier_answer(engine.database(), caller.name, *key, digest);
      if (!earlier) return fail(earlier.error());
      if (*earlier) return guarded([&] { return show(engine, now, **earlier); });
    }
    const auto made = act(engine, now);
    if (!made) return fail(made.error());
    if (!key->empty()) {
      keep_answer(engine.database_for_writing(), caller.name, *key, digest, *made, now.wall);
    }
    return guarded([&] { return show(engine, now, *made); });
  });
  return answer(outcome, makes == Makes::new_thing ? 201 : 200);
}

std::shared_ptr<const Status> Desk::recent_status() {
  return status_.get(
      system_now().steady, [this](const Status&, Duration age) { return age < status_stands_; },
      [this] { return loop_.call([](Engine& engine, Now now) { return engine.status(now); }); });
}

std::shared_ptr<const OpenDirectory> Desk::open_directory() {
  const auto changes = loop_.changes();
  const auto seen = directory_.get(
      system_now().steady,
      [&](const Seen& last, Duration age) {
        return last.changes == changes || age < directory_stands_;
      },
      [&] {
        auto services = loop_.call([](Engine& engine, Now) { return open_services(engine); });
        return Seen{changes, OpenDirectory(std::move(services))};
      });
  return {seen, &seen->directory};
}

Result<void> check_version(const web::Request& request, const std::string& version) {
  if (web::if_match_allows(request, version)) return {};
  return fail(Reason::conflict, "it was changed since you saw it: look again, then decide");
}

}  // namespace liaison::node
