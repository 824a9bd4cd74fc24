#include "node/core/keyring.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

TEST_CASE("sealing keys are made, replaced and destroyed by both clocks", "[node]") {
  const auto day = std::chrono::hours(24);
  KeyringFacts facts;
  facts.signing = id_of<Fingerprint>(1);
  facts.signing_not_before = at(0).wall;
  facts.signing_not_after = at(0).wall + 90 * day;
  CHECK(decide_keys(facts, at(1).wall) == KeyringDecision{true, false, {}});

  OwnSealingKey key;
  key.fingerprint = id_of<Fingerprint>(9);
  key.signing = facts.signing;
  key.state = KeyState::current;
  key.not_before = at(0).wall;
  key.not_after = at(0).wall + 30 * day;
  facts.sealing = {key};
  CHECK(decide_keys(facts, at(1).wall) == KeyringDecision{});
  CHECK(decide_keys(facts, at(0).wall + 21 * day).make_sealing);
  CHECK(decide_keys(facts, at(0).wall + 61 * day).renew_signing);
  facts.lost_key_is_last = true;
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  facts.lost_key_is_last = false;
  facts.clock_set = true;
  CHECK_FALSE(decide_keys(facts, at(0).wall + 61 * day).renew_signing);
  facts.clock_set = false;
  facts.signing = id_of<Fingerprint>(2);  // renewed: its sealing key goes with it
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  CHECK_FALSE(decide_keys(facts, facts.signing_not_after + day).make_sealing);

  facts.signing = key.signing;
  auto retired = key;
  retired.fingerprint = id_of<Fingerprint>(8);
  retired.state = KeyState::retired;
  retired.retired_at = at(0).wall;
  retired.retired_broker_at = at(0).wall;
  key.not_after = at(0).wall + 80 * day;
  facts.sealing = {key, retired};
  auto over = at(0).wall + 46 * day;
  facts.broker_time = over;
  CHECK(decide_keys(facts, over).destroy == std::vector{retired.fingerprint});
  auto but = [&](auto change) {
    auto other = facts;
    change(other);
    return decide_keys(other, over).destroy.empty();
  };
  CHECK(but([](KeyringFacts& f) { f.guarded = true; }));
  CHECK(but([](KeyringFacts& f) { f.broker_time.reset(); }));
  CHECK(but([&](KeyringFacts& f) { f.broker_time = over - 5 * day; }));
  CHECK(but([&](KeyringFacts& f) { f.needed = {retired.fingerprint}; }));
  CHECK(but([](KeyringFacts& f) { f.anything_waits = true; }));
  CHECK(decide_keys(facts, over - 5 * day).destroy.empty());
}

TEST_CASE("a sealing key made while the clock was ahead is replaced once", "[node]") {
  const auto day = std::chrono::hours(24);
  KeyringFacts facts;
  facts.signing = id_of<Fingerprint>(1);
  facts.signing_not_before = at(0).wall;
  facts.signing_not_after = at(0).wall + 90 * day;
  OwnSealingKey ahead;
  ahead.signing = facts.signing;
  ahead.state = KeyState::current;
  ahead.not_before = at(0).wall + 20 * day;
  ahead.not_after = at(0).wall + 50 * day;
  facts.sealing = {ahead};
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  auto next = ahead;
  next.state = KeyState::fresh;  // not in the registry yet
  next.not_before = at(0).wall;
  next.not_after = at(0).wall + 30 * day;
  facts.sealing = {ahead, next};
  CHECK_FALSE(decide_keys(facts, at(1).wall).make_sealing);
}

TEST_CASE("a node can be written to under a signing certificate that begins weeks from now",
          "[node]") {
  KeyringFacts facts;
  facts.signing_not_before = at(0).wall + std::chrono::hours(24 * 30);
  facts.signing_not_after = facts.signing_not_before + std::chrono::hours(24 * 90);
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  CHECK_FALSE(decide_keys(facts, at(1).wall).renew_signing);
  CHECK_FALSE(decide_keys(facts, facts.signing_not_after + std::chrono::hours(1)).make_sealing);
}
