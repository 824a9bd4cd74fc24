#include "node/cli/desk_client.h"

#include <catch2/catch.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/testing/temporary_directory.h"
#include "cli/input.h"
#include "net/directory_lock.h"
#include "web/problem.h"
#include "web/server.h"
#include "web/testing/desk.h"
#include "web/testing/mute.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;
using web::Method;

namespace {

/// The directory of a node that serves at `url`, as far as a desk command looks into it, and a
/// command's own connection to it.
struct Serving {
  explicit Serving(const std::string& url) {
    cli::write_private_line(scratch.file("node.db"), "");
    cli::write_private_line(scratch.file("serving.json"), json{{"url", url}}.dump());
    cli::write_private_line(scratch.file("token"), "liaison-token-invented");
  }
  [[nodiscard]] std::unique_ptr<DeskClient> command(const std::string& key = {}) const {
    cli::Arguments arguments;
    arguments.values = {{"--dir", {scratch.path().string()}},
                        {"--as", {}},
                        {"--token-file", {scratch.file("token")}},
                        {"--idempotency-key", {}}};
    if (!key.empty()) arguments.values["--idempotency-key"] = {key};
    auto client = DeskClient::open({NodeRole::adviser, "liaison-adviser", 7681, {}}, arguments);
    REQUIRE(client);
    return std::move(*client);
  }

  liaison::testing::TemporaryDirectory scratch;
  net::DirectoryLock lock{scratch.path().string()};
};

/// A desk that notes the keys it is given, and refuses to change "full".
struct NotingDesk {
  std::mutex guard;
  std::vector<std::string> keys;
  web::Server server{{}, router(), web::testing::Desk::gate()};

  NotingDesk() { server.start(); }
  web::Router router() {
    web::Router out;
    for (const auto method : {Method::get, Method::post, Method::patch}) {
      out.add(web::testing::route(method, "/{thing}", web::Access::open,
                                  [this](const web::Request& request) {
                                    const std::lock_guard held(guard);
                                    keys.emplace_back(request.header("Idempotency-Key"));
                                    if (request.parameter("thing") == "full")
                                      return web::problem({Reason::conflict, "no room"});
                                    return web::testing::text("{}");
                                  }));
    }
    return out;
  }
  std::vector<std::string> taken() {
    const std::lock_guard held(guard);
    return std::exchange(keys, {});
  }
};

}  // namespace

TEST_CASE("the changes of one command go under keys made of the command's one key", "[node-cli]") {
  NotingDesk desk;
  const Serving node(desk.server.url());
  const auto changes = [&](const std::string& key) {
    const auto command = node.command(key);
    REQUIRE(command->post("/a", json::object()));
    REQUIRE(command->get("/b"));
    REQUIRE(command->send(Method::patch, "/c", "{}"));
    REQUIRE(command->post("/a", json::object()));
    return desk.taken();
  };
  const auto first = changes("k1");
  CHECK(first[0] == "k1");
  CHECK(first[1].empty());
  CHECK(std::set<std::string>(first.begin(), first.end()).size() == 4);
  CHECK(changes("k1") == first);
  const auto other = changes("k2");
  CHECK(other[2] != first[2]);
  CHECK(other[3] != first[3]);
  CHECK(changes("").front() != changes("").front());
}

TEST_CASE("a command of which a later change is refused says how it is repeated", "[node-cli]") {
  NotingDesk desk;
  const Serving node(desk.server.url());
  const auto command = node.command();
  REQUIRE(command->post("/a", json::object()));
  const auto refused = command->post("/full", json::object());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "no room; repeat the command with --idempotency-key " +
                                    desk.taken().front() + ", which does nothing twice");
  CHECK(node.command()->post("/full", json::object()).error().text == "no room");
}

TEST_CASE("a person is told whether what was not answered may have been done", "[node-cli]") {
  using web::testing::Mute;
  const Mute listening(Mute::Is::listening);
  const auto asked = Serving(listening.url()).command("k1");
  const auto none = "no answer came from " + listening.url();
  CHECK(asked->get("/a").error().text == none + ": nothing was to be changed, so try again");
  const auto repeat = none +
                      ": it may have been done or not; repeat the command with "
                      "--idempotency-key k1, which does nothing twice";
  CHECK(asked->post("/a", json::object()).error().text == repeat);
  CHECK(asked->send(Method::patch, "/a", "{}").error().text == repeat);

  const Mute absent(Mute::Is::absent);
  const auto not_asked = Serving(absent.url()).command();
  CHECK(not_asked->post("/a", json::object()).error().text ==
        "nothing answers at " + absent.url() +
            ", so nothing was done: start the node with serve, then try again");
}

TEST_CASE("a command cut short between two changes says that the rest was not done", "[node-cli]") {
  std::optional<NotingDesk> desk(std::in_place);
  const Serving node(desk->server.url());
  const auto command = node.command("k1");
  REQUIRE(command->post("/a", json::object()));
  const auto url = desk->server.url();
  desk.reset();
  CHECK(command->post("/a", json::object()).error().text ==
        "nothing answers at " + url +
            ", so the rest was not done: start the node with serve, then repeat the command with "
            "--idempotency-key k1, which does nothing twice");
}
