#include "node/core/link.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

namespace {

wire::Welcome welcome(std::uint64_t epoch, std::uint64_t incarnation) {
  wire::Welcome out;
  out.epoch = epoch;
  out.incarnation = incarnation;
  return out;
}

}  // namespace

TEST_CASE("a welcome tells what changed since the node's last", "[node]") {
  Link link(100, 1000);
  HelloFacts facts{leeds, 3, 7, 20, "test"};
  CHECK_FALSE(link.welcomed(welcome(7, 3), facts).usable);  // nobody was greeted
  auto hello = link.connected(facts, at(0).wall);
  CHECK(hello.incarnation == 3);
  CHECK(hello.credit_letters == 100);
  CHECK(link.welcomed(welcome(7, 3), facts) == WelcomeDecision{true, false, false});
  CHECK(link.welcomed(welcome(8, 4), facts) == WelcomeDecision{true, true, true});
  facts.epoch = 0;  // never connected before: nothing can have been lost
  CHECK(link.welcomed(welcome(8, 3), facts) == WelcomeDecision{true, false, false});
}

TEST_CASE("who was replaced or shut out does not dial again", "[node]") {
  HelloFacts facts{leeds, 1, 1, 0, "test"};
  for (auto reason : {wire::GoodbyeReason::replaced, wire::GoodbyeReason::revoked}) {
    Link link(100, 1000);
    (void)link.connected(facts, at(0).wall);
    CHECK(link.said_goodbye({reason, ""}));
    link.disconnected();
    CHECK_FALSE(link.redials());
  }
  for (auto reason : {wire::GoodbyeReason::stopping, wire::GoodbyeReason::strikes,
                      wire::GoodbyeReason::version}) {
    Link link(100, 1000);
    (void)link.connected(facts, at(0).wall);
    CHECK(link.said_goodbye({reason, ""}));
    CHECK(link.redials());
  }
  Link link(100, 1000);
  (void)link.connected(facts, at(0).wall);
  CHECK_FALSE(link.said_goodbye({wire::GoodbyeReason::renew_only, ""}));
  CHECK(link.state() == LinkState::renew_only);
}

TEST_CASE("credit is given back in portions as letters are dealt with", "[node]") {
  Link link(16, 1'000'000);
  HelloFacts facts{leeds, 1, 1, 0, "test"};
  (void)link.connected(facts, at(0).wall);
  (void)link.welcomed(welcome(1, 1), facts);
  CHECK(link.delivered(10));
  link.dealt_with(10);
  CHECK(link.take_grant() == wire::Credit{});
  CHECK(link.delivered(10));
  link.dealt_with(10);
  CHECK(link.take_grant() == wire::Credit{2, 20});
  for (int i = 0; i < 16; ++i)
    CHECK(link.delivered(1));
  CHECK_FALSE(link.delivered(1));
}

TEST_CASE("a delivery beyond the credit, and all that comes after it, is not to be kept",
          "[node]") {
  Link link(2, 100);
  const HelloFacts facts{leeds, 1, 1, 0, "test"};
  (void)link.connected(facts, at(0).wall);
  (void)link.welcomed(welcome(1, 1), facts);
  CHECK(link.delivered(60));
  SECTION("octets") {
    CHECK_FALSE(link.delivered(41));
    CHECK_FALSE(link.delivered(1));
  }
  SECTION("letters") {
    CHECK(link.delivered(40));
    CHECK_FALSE(link.delivered(0));
  }
  // What is given back does not make it good.
  link.dealt_with(60);
  CHECK(link.take_grant() == wire::Credit{1, 60});
  CHECK_FALSE(link.delivered(1));
  (void)link.connected(facts, at(0).wall);
  CHECK(link.delivered(100));
}
