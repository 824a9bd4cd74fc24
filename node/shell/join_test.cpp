#include "node/shell/join.h"

#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "net/testing/link.h"
#include "node/shell/installation.h"

using namespace liaison;

TEST_CASE("who is turned away at the door tries again by itself, and is told to join again",
          "[node]") {
  net::testing::TestServer server;  // nobody may connect
  testing::TemporaryDirectory directory;
  certs::Invitation invitation;
  invitation.node = *NodeId::parse("jcp-leeds");
  invitation.joining = server.server->addresses();
  invitation.broker = server.key.public_key;
  invitation.expires = system_now().wall + std::chrono::hours(1);
  node::JoinOptions options;
  options.patience = std::chrono::seconds(3);
  auto joined = node::join(directory.path() / "node", invitation, std::move(options), system_now());
  REQUIRE_FALSE(joined);
  CHECK(joined.error().reason == Reason::unavailable);
  CHECK_THAT(joined.error().text, Catch::Contains("so join again in a minute"));
  CHECK(server.doorkeeper.counts().refused > 1);  // it had tried again by itself
}
