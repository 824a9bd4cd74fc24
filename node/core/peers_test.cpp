#include "node/core/peers.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::node;

namespace {

const NodeId leeds = *NodeId::parse("jcp-leeds");
const NodeId able = *NodeId::parse("able-futures");

Instant day(int number) {
  return from_ms(1'700'000'000'000) + std::chrono::hours(24 * number);
}
Fingerprint print(std::uint8_t number) {
  Fingerprint out;
  out.octets[0] = number;
  return out;
}

SigningFact signing(std::uint8_t number, const NodeId& node, int seen,
                    std::optional<Fingerprint> signed_by = {}) {
  SigningFact out;
  out.fingerprint = print(number);
  out.serial = {number};
  out.node = node;
  out.not_before = day(seen);
  out.not_after = day(seen + 90);
  out.signed_by = signed_by;
  out.first_seen = day(seen);
  out.logged = true;
  return out;
}
SealingFact sealing(std::uint8_t number, std::uint8_t by, const NodeId& node, int from) {
  return {print(number), print(by), node, day(from), day(from + 30), true};
}

}  // namespace

TEST_CASE("a change of key that the previous key signed is followed at once, another after a day",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 60, print(1)));
  peers.learn(signing(3, able, 70));
  CHECK(peers.followed(able, day(70))->fingerprint == print(2));
  CHECK(peers.newest(able)->fingerprint == print(3));
  CHECK(peers.next_change(day(70)) == std::optional<Instant>(day(71)));
  CHECK(peers.followed(able, day(71))->fingerprint == print(3));
  CHECK(peers.signer_of_letter(print(3), able, day(70), day(70)) == Standing::unproven);
  peers.confirm(print(3));
  CHECK(peers.signer_of_letter(print(3), able, day(70), day(70)) == Standing::good);
}

TEST_CASE("what continues an unproven key is no more proven than that", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 60));
  peers.learn(signing(3, able, 60, print(2)));
  CHECK_FALSE(peers.is_followed(*peers.signing(print(3)), day(60)));
  peers.confirm(print(2));
  CHECK(peers.is_followed(*peers.signing(print(3)), day(60)));
}

TEST_CASE("seen again in a registry that began anew, a key is not newer for it", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 60));
  auto again = signing(2, able, 65);
  peers.learn(again);
  CHECK(peers.followed(able, day(61))->fingerprint == print(2));
}

TEST_CASE("the registry's order says to which certificate letters are sealed, and not its dates",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(sealing(11, 1, able, 9));  // made while its node's clock was ahead, and lost
  peers.learn(sealing(12, 1, able, 0));
  CHECK(peers.sealing_for(able, day(10)) == std::optional(print(12)));
  CHECK(peers.last_sealing(able, print(1)) == std::optional(print(12)));
  // A registry that starts anew may have them in another order.
  peers.learn(sealing(12, 1, able, 0));
  peers.learn(sealing(11, 1, able, 9));
  CHECK(peers.sealing_for(able, day(10)) == std::optional(print(11)));
  CHECK(peers.sealing_for(able, day(5)) == std::optional(print(11)));  // though it begins later
  CHECK(peers.last_sealing(able, print(1)) == std::optional(print(11)));
  CHECK_FALSE(peers.last_sealing(leeds, print(1)));
}

TEST_CASE("what others have issued in this node's name is not its last sealing certificate",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 1));  // its first own one
  peers.learn(signing(3, able, 2));
  peers.learn(sealing(12, 2, able, 2));
  peers.learn(sealing(11, 1, able, 2));
  peers.learn(sealing(13, 3, able, 2));
  CHECK(peers.last_sealing(able, print(2)) == std::optional(print(13)));
  REQUIRE(peers.contest(able, print(3), print(2)));
  CHECK(peers.last_sealing(able, print(2)) == std::optional(print(12)));
}

TEST_CASE("what was forgotten, and a clock that jumped, hasten no change of key", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  auto shown = signing(2, able, 1);
  shown.logged = false;
  peers.learn(shown);
  peers.forget(print(2));
  CHECK(peers.signing(print(2)) == nullptr);
  peers.learn(signing(3, able, 2));
  shown.first_seen = day(3);
  peers.learn(shown);
  peers.logged(print(2), day(5));
  CHECK(peers.newest(able)->fingerprint == print(2));
  CHECK_FALSE(peers.is_followed(*peers.signing(print(2)), day(5) + std::chrono::hours(23)));
  CHECK(peers.is_followed(*peers.signing(print(2)), day(6)));
  peers.clock_moved(std::chrono::hours(24 * 7));
  CHECK_FALSE(peers.is_followed(*peers.signing(print(2)), day(12)));
  CHECK(peers.is_followed(*peers.signing(print(2)), day(13)));
  peers.forget(print(1));
  peers.forget(print(2));
  peers.forget(print(3));
  CHECK_FALSE(peers.knows(able));
}

TEST_CASE("nobody speaks for another", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, leeds, 0));
  CHECK(peers.signer_of_letter(print(1), leeds, day(1), day(1)) == Standing::another_node);
  CHECK(peers.signer_of_letter(print(9), leeds, day(1), day(1)) == Standing::unknown);
  CHECK(peers.signer_of_event(print(1), leeds, day(1), day(1)) == Standing::another_node);
}

TEST_CASE("the revocation list only goes up, and counts at once", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(sealing(11, 1, able, 0));
  CHECK(peers.revoke(2, {{Bytes{1}, Revoked{false, day(5)}}}));
  CHECK_FALSE(peers.revoke(1, {}));
  CHECK_FALSE(peers.revoke(2, {}));
  CHECK(peers.is_revoked(able));
  CHECK(peers.is_distrusted(print(1)));
  CHECK_FALSE(peers.is_distrusted(print(9)));
  // Whatever time the exchange says that it took the letter.
  CHECK(peers.signer_of_letter(print(1), able, day(3), day(6)) == Standing::revoked);
  // What was said before, and others pass on, stands.
  CHECK(peers.signer_of_event(print(1), able, day(3), day(6)) == Standing::good);
  CHECK(peers.signer_of_event(print(1), able, day(5), day(6)) == Standing::revoked);
  CHECK_FALSE(peers.sealing_for(able, day(6)));
}

TEST_CASE("whom a logged list names stays revoked, whatever list comes", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, leeds, 0));
  const std::map<Bytes, Revoked> first{{Bytes{1}, Revoked{false, day(5)}}};
  REQUIRE(peers.revoke(1, first));
  CHECK(peers.revoke_for_good(first) == first);
  SECTION("one that leaves it out") {
    REQUIRE(peers.revoke(2, {}));
    CHECK(peers.is_revoked(able));
    CHECK(peers.revoke_for_good({}).empty());
    CHECK(peers.is_revoked(able));
  }
  SECTION("one that names another, behind one whose number no true one reaches") {
    REQUIRE(peers.revoke(1'000'000, {}));
    const std::map<Bytes, Revoked> other{{Bytes{2}, Revoked{true, day(7)}}};
    CHECK_FALSE(peers.revoke(2, other));
    CHECK_FALSE(peers.is_revoked(leeds));
    CHECK(peers.revoke_for_good(other) == other);
    CHECK(peers.is_revoked(leeds));
    CHECK(peers.is_revoked(able));
  }
  SECTION("the earlier time counts, from whichever it is") {
    CHECK(peers.revoke_for_good({{Bytes{1}, Revoked{false, day(6)}}}).empty());
    CHECK(peers.signer_of_event(print(1), able, day(5), day(9)) == Standing::revoked);
    CHECK(peers.revoke_for_good({{Bytes{1}, Revoked{true, day(4)}}}).size() == 1);
    CHECK(peers.signer_of_event(print(1), able, day(4), day(9)) == Standing::revoked);
    REQUIRE(peers.revoke(2, {{Bytes{1}, Revoked{false, day(3)}}}));
    CHECK(peers.signer_of_event(print(1), able, day(3), day(9)) == Standing::revoked);
    REQUIRE(peers.revoke(3, {{Bytes{1}, Revoked{false, day(8)}}}));
    CHECK(peers.signer_of_event(print(1), able, day(3), day(9)) == Standing::good);
    CHECK(peers.signer_of_event(print(1), able, day(4), day(9)) == Standing::revoked);
  }
  SECTION("to be distrusted goes before to be replaced, at whatever time") {
    REQUIRE(peers.revoke(2, {{Bytes{1}, Revoked{true, day(4)}}}));
    CHECK(peers.is_distrusted(print(1)));
    CHECK(peers.signer_of_event(print(1), able, day(4), day(9)) == Standing::revoked);
    const auto more = peers.revoke_for_good({{Bytes{1}, Revoked{true, day(3)}}});
    CHECK(more == std::map<Bytes, Revoked>{{Bytes{1}, Revoked{false, day(3)}}});
    CHECK(peers.is_distrusted(print(1)));
  }
}

TEST_CASE("a certificate that is not logged brings no revoked node back", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  CHECK_FALSE(peers.is_revoked(able));
  CHECK(peers.revoke(2, {{Bytes{1}, Revoked{false, day(5)}}}));
  auto shown = signing(2, able, 6);
  shown.logged = false;
  peers.learn(shown);
  CHECK(peers.is_revoked(able));
  peers.logged(print(2));
  CHECK_FALSE(peers.is_revoked(able));
  shown.node = leeds;
  shown.fingerprint = print(3);
  peers.learn(shown);
  CHECK_FALSE(peers.is_revoked(leeds));
}

TEST_CASE("mail from before a rejoining is not distrusted for it", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  CHECK(peers.revoke(2, {{Bytes{1}, Revoked{true, day(5)}}}));
  CHECK_FALSE(peers.is_distrusted(print(1)));
  CHECK(peers.signer_of_letter(print(1), able, day(4), day(6)) == Standing::good);
  CHECK(peers.signer_of_letter(print(1), able, day(5), day(6)) == Standing::revoked);
}

TEST_CASE("a key that another replaced is not sealed to, though it begins later", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(sealing(11, 1, able, 20));  // made under a clock that was ahead
  peers.learn(sealing(12, 1, able, 5));
  CHECK(peers.sealing_for(able, day(6)) == std::optional(print(12)));
  CHECK(peers.sealing_for(able, day(21)) == std::optional(print(12)));
}

TEST_CASE("a letter is sealed to the newest certificate that holds and is followed", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(sealing(11, 1, able, 0));
  CHECK(peers.sealing_for(able, day(10)) == std::optional(print(11)));
  peers.learn(sealing(12, 1, able, 20));
  CHECK(peers.sealing_for(able, day(21)) == std::optional(print(12)));
  CHECK_FALSE(peers.sealing_for(able, day(60)));
  peers.learn(signing(2, able, 22));  // a change without proof
  peers.learn(sealing(13, 2, able, 22));
  CHECK(peers.sealing_for(able, day(22)) == std::optional(print(12)));
  CHECK(peers.sealing_for(able, day(23)) == std::optional(print(13)));
}

TEST_CASE("a certificate that is not shown to be in the log is not used", "[node]") {
  Peers peers;
  auto first = signing(1, able, 0);
  first.logged = false;
  peers.learn(first);
  auto seal = sealing(5, 1, able, 0);
  seal.logged = false;
  peers.learn(seal);
  CHECK(peers.signer_of_letter(print(1), able, day(9), day(9)) == Standing::unlogged);
  CHECK(peers.signer_of_event(print(1), able, day(9), day(9)) == Standing::unlogged);
  CHECK_FALSE(peers.sealing_for(able, day(1)));
  CHECK_FALSE(peers.next_change(day(0)));
  peers.logged(print(1));
  CHECK(peers.signer_of_letter(print(1), able, day(9), day(9)) == Standing::good);
  CHECK_FALSE(peers.sealing_for(able, day(1)));
  peers.logged(print(5));
  CHECK(peers.sealing_for(able, day(1)) == print(5));
  // One that replaces it is waited for: the key of the one before may be lost.
  auto next = sealing(6, 1, able, 5);
  next.logged = false;
  peers.learn(next);
  CHECK_FALSE(peers.sealing_for(able, day(6)));
  peers.logged(print(6));
  CHECK(peers.sealing_for(able, day(6)) == print(6));
  // A registry that began anew does not take that back.
  peers.learn(next);
  peers.learn(first);
  CHECK(peers.sealing_for(able, day(6)) == print(6));
}

TEST_CASE("a certificate that its node contests is not followed, and the one before still is",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(sealing(5, 1, able, 0));
  peers.learn(signing(2, able, 10));
  peers.learn(sealing(6, 2, able, 10));
  CHECK(peers.sealing_for(able, day(11)) == print(6));
  CHECK(peers.contest(able, print(2), print(1)));
  CHECK_FALSE(peers.contest(able, print(2), print(1)));
  REQUIRE(peers.contested().size() == 1);
  CHECK(peers.contested().front()->fingerprint == print(2));
  CHECK(peers.sealing_for(able, day(20)) == print(5));
  CHECK(peers.newest(able)->fingerprint == print(1));
  CHECK(peers.signer_of_letter(print(2), able, day(20), day(20)) == Standing::contested);
  CHECK(peers.signer_of_letter(print(1), able, day(20), day(20)) == Standing::good);
  // Nor is what continues it.
  peers.learn(signing(3, able, 12, print(2)));
  CHECK(peers.signer_of_letter(print(3), able, day(20), day(20)) == Standing::unproven);
  // A person who asked them may say otherwise.
  peers.confirm(print(2));
  CHECK(peers.signer_of_letter(print(2), able, day(20), day(20)) == Standing::good);
  CHECK(peers.contested().empty());
}

TEST_CASE("behind a certificate that its node contests, nothing is followed for time alone",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 5));  // it joined again
  peers.learn(signing(3, able, 10));
  peers.learn(signing(4, able, 10));
  CHECK(peers.contest(able, print(3), print(2)));
  CHECK(peers.followed(able, day(20))->fingerprint == print(2));
  CHECK(peers.signer_of_letter(print(4), able, day(20), day(20)) == Standing::unproven);
  // It goes on by its own key, and what a person has asked about holds.
  peers.learn(signing(5, able, 30, print(2)));
  CHECK(peers.followed(able, day(30))->fingerprint == print(5));
  peers.learn(signing(6, able, 40));
  CHECK(peers.followed(able, day(50))->fingerprint == print(5));
  peers.confirm(print(6));
  CHECK(peers.followed(able, day(50))->fingerprint == print(6));
}

TEST_CASE(
    "certificates in a node's name that stood before its own are told apart from replaced ones",
    "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 1));
  peers.learn(signing(3, able, 2));
  CHECK(peers.standing_before(print(1), day(3)).empty());
  CHECK(peers.standing_before(print(9), day(3)).empty());
  CHECK(peers.standing_before(print(3), day(3)).size() == 2);
  CHECK(peers.revoke(1, {{Bytes{1}, Revoked{true, day(2)}}}));
  REQUIRE(peers.standing_before(print(3), day(3)).size() == 1);
  CHECK(peers.standing_before(print(3), day(3)).front()->fingerprint == print(2));
  CHECK(peers.standing_before(print(3), day(2000)).empty());
}

TEST_CASE("a node whose certificate was renewed since contests one from before that", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 10));            // forged
  peers.learn(signing(3, able, 10, print(1)));  // renewed
  peers.learn(signing(4, able, 10, print(2)));  // the forger's next
  peers.learn(signing(5, able, 11, print(4)));
  CHECK(peers.contest(able, print(2), print(3)));
  REQUIRE(peers.contested().size() == 1);
  CHECK(peers.contested().front()->fingerprint == print(2));
  // What the forged key continues speaks for nobody.
  Peers others;
  others.learn(signing(1, able, 0));
  others.learn(signing(2, able, 10));
  others.learn(signing(3, able, 20));
  others.learn(signing(4, able, 21, print(3)));
  CHECK(others.contest(able, print(2), print(4)));
  CHECK(others.contested().empty());
}

TEST_CASE("a renewal that was learnt before the alarm about what stands between is followed",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 10));            // forged
  peers.learn(signing(3, able, 10, print(1)));  // renewed
  peers.learn(sealing(13, 3, able, 10));
  CHECK(peers.signer_of_letter(print(3), able, day(10), day(10)) == Standing::unproven);
  CHECK_FALSE(peers.is_continued(*peers.signing(print(3))));
  const auto by = GENERATE(1, 3);
  REQUIRE(peers.standing_of_alarm(print(static_cast<std::uint8_t>(by)), able, print(2), day(10),
                                  day(10)) == AlarmStanding::counts);
  REQUIRE(peers.contest(able, print(2), print(static_cast<std::uint8_t>(by))));
  CHECK(peers.is_continued(*peers.signing(print(3))));
  CHECK(peers.signer_of_letter(print(3), able, day(10), day(10)) == Standing::good);
  CHECK(peers.sealing_for(able, day(10)) == print(13));
  // And again as it was, if what stood between was forgotten, or is confirmed.
  peers.confirm(print(2));
  CHECK_FALSE(peers.is_continued(*peers.signing(print(3))));
  peers.forget(print(2));
  CHECK(peers.is_continued(*peers.signing(print(3))));
}

TEST_CASE("an alarm counts by a key that is followed, or goes on from one of before that is",
          "[node]") {
  Peers peers;
  const auto standing = [&](std::uint8_t signer, std::uint8_t contested, int at) {
    return peers.standing_of_alarm(print(signer), able, print(contested), day(at), day(at));
  };
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 10));
  auto renewed = signing(3, able, 10, print(1));
  renewed.logged = false;
  peers.learn(renewed);
  peers.learn(signing(4, able, 10, print(2)));
  CHECK(standing(9, 2, 10) == AlarmStanding::never);
  CHECK(peers.standing_of_alarm(print(1), leeds, print(2), day(10), day(10)) ==
        AlarmStanding::never);
  CHECK(standing(3, 2, 10) == AlarmStanding::waits);
  peers.logged(print(3));
  CHECK(standing(3, 2, 10) == AlarmStanding::counts);
  CHECK(standing(3, 99, 10) == AlarmStanding::waits);  // not seen here: 3 itself is to be followed
  CHECK(standing(1, 99, 10) == AlarmStanding::counts);
  // The forger's word waits its day, as all that is the forger's does.
  CHECK(standing(2, 3, 10) == AlarmStanding::waits);
  CHECK(standing(4, 3, 10) == AlarmStanding::waits);
  CHECK(standing(2, 1, 10) == AlarmStanding::never);
  CHECK(standing(4, 2, 10) == AlarmStanding::never);
  // Where it was followed at last, the line that began first has the last word.
  CHECK(standing(2, 3, 11) == AlarmStanding::counts);
  REQUIRE(peers.contest(able, print(3), print(2)));
  CHECK(peers.signer_of_letter(print(3), able, day(11), day(11)) == Standing::contested);
  CHECK(standing(3, 2, 11) == AlarmStanding::counts);
  REQUIRE(peers.contest(able, print(2), print(3)));
  CHECK(peers.signer_of_letter(print(3), able, day(11), day(11)) == Standing::good);
  CHECK(standing(2, 3, 11) == AlarmStanding::never);
  CHECK(peers.newest(able)->fingerprint == print(4));
  CHECK(peers.followed(able, day(11))->fingerprint == print(3));
}

TEST_CASE("no alarm counts by a key whose former one is revoked", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 10));  // joined again: others may have the key of before
  REQUIRE(peers.revoke(1, {{Bytes{1}, Revoked{true, day(10)}}}));
  peers.learn(signing(3, able, 12, print(1)));
  for (const int at : {12, 20}) {
    CHECK(peers.standing_of_alarm(print(3), able, print(2), day(at), day(at)) ==
          AlarmStanding::never);
    CHECK(peers.standing_of_alarm(print(1), able, print(2), day(at), day(at)) ==
          AlarmStanding::never);
  }
  // What was said before stands.
  CHECK(peers.standing_of_alarm(print(1), able, print(2), day(9), day(12)) ==
        AlarmStanding::counts);
  CHECK_FALSE(peers.is_continued(*peers.signing(print(3))));
}

TEST_CASE("a key proves no change once a list names it", "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 5));
  REQUIRE(peers.contest(able, print(2), print(1)));
  peers.learn(signing(3, able, 8, print(1)));
  peers.learn(signing(4, able, 10));  // joined again, and nobody here has asked yet
  const bool was_told_before = GENERATE(true, false);
  const auto late = [&] { peers.learn(signing(5, able, 12, print(3))); };
  if (!was_told_before) late();
  const Revoked replaced{true, day(10)};
  REQUIRE(peers.revoke(1, {{Bytes{1}, replaced}, {Bytes{3}, replaced}}));
  if (was_told_before) late();
  CHECK(peers.is_continued(*peers.signing(print(5))) == !was_told_before);
  // What came before the list stands, and what waited for this node meanwhile.
  CHECK(peers.is_continued(*peers.signing(print(3))));
  CHECK(peers.signer_of_letter(print(3), able, day(9), day(12)) == Standing::good);
}

TEST_CASE("a node contests nothing that came before, that its former key signed, or of others",
          "[node]") {
  Peers peers;
  peers.learn(signing(1, able, 0));
  peers.learn(signing(2, able, 10, print(1)));
  peers.learn(signing(3, able, 20));
  peers.learn(signing(9, leeds, 0));
  peers.learn(signing(8, leeds, 5));
  CHECK(peers.contest(able, print(2), print(1)));
  CHECK(peers.contest(able, print(1), print(3)));
  CHECK(peers.contest(able, print(8), print(1)));
  CHECK(peers.contested().empty());
  CHECK(peers.signer_of_letter(print(2), able, day(11), day(11)) == Standing::good);
  CHECK(peers.followed(leeds, day(9))->fingerprint == print(8));
  for (std::uint8_t each = 20; each < 100; ++each)
    (void)peers.contest(able, print(each), print(1));
  CHECK_FALSE(peers.contest(able, print(100), print(1)));
  // Of those that are registered there is no such bound.
  peers.learn(signing(101, able, 30));
  CHECK(peers.contest(able, print(101), print(1)));
}
