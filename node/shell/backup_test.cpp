#include "node/shell/backup.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "certs/authority.h"
#include "crypto/random.h"
#include "node/shell/engine.h"
#include "node/shell/installation.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/schema.h"

using namespace liaison;

namespace {

/// A node that joined an exchange by hand, in DIR.
void join_by_hand(const std::filesystem::path& directory, const certs::Authority& authority,
                  Now now) {
  std::filesystem::create_directories(directory);
  auto keys = crypto::KeyVault::create(node::keys_path(directory), std::nullopt);
  REQUIRE(keys);
  certs::Invitation invitation;
  invitation.node = *NodeId::parse("jcp-leeds");
  invitation.exchange = {"tcp://127.0.0.1:7600"};
  invitation.authority = authority.certificate().fingerprint();
  invitation.expires = now.wall + std::chrono::hours(1);
  auto request = node::prepare_join(*keys, invitation);
  CHECK(node::prepare_join(*keys, invitation).curve_key == request.curve_key);
  auto parsed = crypto::CertificateRequest::parse(request.request);
  REQUIRE(parsed);
  auto certificate = authority.issue(
      *parsed, {invitation.node, "Leeds (invented)", NodeRole::adviser, {}}, now.wall);
  REQUIRE(certificate);
  store::Options options;
  options.path = node::store_path(directory).string();
  store::Database database(options, node::schema());
  wire::Joined joined{authority.certificate().der(), certificate->der()};
  REQUIRE(node::complete_join(database, *keys, invitation, joined, now));
  REQUIRE(node::complete_join(database, *keys, invitation, joined,
                              now));  // again, as after a lost answer
  auto other = certs::Authority::make("another exchange", now.wall);
  joined.authority = other.certificate().der();
  auto wrong = node::complete_join(database, *keys, invitation, joined, now);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().reason == Reason::untrusted);
}

std::unique_ptr<node::Engine> start(const std::filesystem::path& directory, Entropy& entropy,
                                    Now now) {
  store::Options options;
  options.path = node::store_path(directory).string();
  return std::make_unique<node::Engine>(
      node::EngineConfig{}, std::make_unique<store::Database>(options, node::schema()),
      *crypto::KeyVault::open(node::keys_path(directory), std::nullopt), entropy, now);
}

/// What `join` does with the exchange's answer to the same invitation, once more.
Result<void> join_again(const std::filesystem::path& directory, const certs::Authority& authority,
                        const Bytes& certificate, Now now) {
  auto keys = crypto::KeyVault::open(node::keys_path(directory), std::nullopt);
  certs::Invitation invitation;
  invitation.node = *NodeId::parse("jcp-leeds");
  invitation.authority = authority.certificate().fingerprint();
  (void)node::prepare_join(*keys, invitation);
  store::Options options;
  options.path = node::store_path(directory).string();
  store::Database database(options, node::schema());
  return node::complete_join(database, *keys, invitation,
                             {authority.certificate().der(), certificate}, now);
}

bool has_sealing_key(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(node::keys_path(directory)))
    if (entry.path().filename().string().rfind(node::sealing_key_prefix, 0) == 0) return true;
  return false;
}

}  // namespace

TEST_CASE("a backup makes a node again, without the sealing keys it had", "[node]") {
  liaison::testing::TemporaryDirectory temporary;
  crypto::SystemEntropy entropy;
  Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};
  auto authority = certs::Authority::make("invented exchange", now.wall);
  auto first = temporary.path() / "first";
  auto second = temporary.path() / "second";
  auto file = (temporary.path() / "backup").string();
  join_by_hand(first, authority, now);
  {
    auto engine = start(first, entropy, now);
    engine->turn(now);  // makes its sealing key
    CHECK(has_sealing_key(first));
    REQUIRE(engine->backup(file, now));
    auto again = engine->backup(file, now);
    REQUIRE_FALSE(again);
    CHECK(again.error().reason == Reason::conflict);
  }
  auto over = node::restore(file, first, now);
  REQUIRE_FALSE(over);
  CHECK(over.error().reason == Reason::conflict);
  REQUIRE(node::restore(file, second, now));
  CHECK_FALSE(has_sealing_key(second));
  auto engine = start(second, entropy, now);
  CHECK(engine->self().text() == "jcp-leeds");
  auto status = engine->status(now);
  CHECK(status.catching_up);
  CHECK(status.incarnation == 0);
  CHECK(status.keys_unprotected);
  // Nor is what it had published of them: it would be offered to the exchange once more.
  const auto published = [&] {
    auto count = engine->database().prepare("SELECT count(*) FROM publication WHERE kind = ?");
    auto rows = count.query(static_cast<int>(wire::EntryKind::sealing_certificate));
    return rows.next() ? rows.int64(0) : -1;
  };
  CHECK(published() == 0);
  engine->turn(now);
  CHECK(published() == 1);
  CHECK(has_sealing_key(second));
  // A restored store is not restored a second time when it is merely started again.
  engine.reset();
  CHECK(start(second, entropy, now)->status(now).catching_up);
}

TEST_CASE("who has served joins again by its invitation, and keeps what it has", "[node]") {
  liaison::testing::TemporaryDirectory temporary;
  crypto::SystemEntropy entropy;
  Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};
  auto authority = certs::Authority::make("invented exchange", now.wall);
  const auto directory = temporary.path() / "node";
  join_by_hand(directory, authority, now);
  start(directory, entropy, now)->turn(now);  // the key that it joined with has its own name now
  const auto certificate = [&] {
    return node::read_installation(start(directory, entropy, now)->database())->certificate;
  };
  const auto names = [&] {
    return crypto::KeyVault::open(node::keys_path(directory), std::nullopt)->names();
  };
  const auto had = certificate();
  const auto before = names();
  REQUIRE(join_again(directory, authority, had, now));
  CHECK(names() == before);
  CHECK(certificate() == had);
  const auto other = authority.issue(
      *crypto::CertificateRequest::parse(
          crypto::CertificateRequest::make(crypto::PrivateKey::generate(),
                                           *NodeId::parse("jcp-leeds"),
                                           crypto::CurvePair::generate().public_key(),
                                           crypto::Ed25519Key::generate().public_key())
              .der),
      {*NodeId::parse("jcp-leeds"), "Leeds (invented)", NodeRole::adviser, {}}, now.wall);
  CHECK(join_again(directory, authority, other->der(), now).error().reason == Reason::untrusted);
  CHECK(certificate() == had);
}

TEST_CASE("a backup that cannot be written is refused, and the node goes on", "[node]") {
  liaison::testing::TemporaryDirectory temporary;
  crypto::SystemEntropy entropy;
  Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};
  auto authority = certs::Authority::make("invented exchange", now.wall);
  join_by_hand(temporary.path() / "node", authority, now);
  auto engine = start(temporary.path() / "node", entropy, now);
  auto refused = engine->backup((temporary.path() / "absent" / "backup").string(), now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::unavailable);
  CHECK(refused.error().text.find("absent") != std::string::npos);
  engine->turn(now);
  auto file = temporary.path() / "backup";
  REQUIRE(engine->backup(file.string(), now));
  CHECK(std::filesystem::exists(file));
}

TEST_CASE("after an unclean end a node's store is checked, and status says so", "[node]") {
  liaison::testing::TemporaryDirectory temporary;
  crypto::SystemEntropy entropy;
  Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};
  auto authority = certs::Authority::make("invented exchange", now.wall);
  auto closed = temporary.path() / "closed";
  auto killed = temporary.path() / "killed";
  join_by_hand(closed, authority, now);
  const auto says_so = [&](node::Engine& engine) {
    for (const auto& alarm : engine.status(now).alarms)
      if (alarm.text.find("not closed in order") != std::string::npos) return true;
    return false;
  };
  {
    auto engine = start(closed, entropy, now);
    engine->turn(now);
    CHECK_FALSE(says_so(*engine));
    std::filesystem::copy(closed, killed, std::filesystem::copy_options::recursive);
  }
  CHECK_FALSE(says_so(*start(closed, entropy, now)));
  // Opened and closed in order by a command before the daemon comes: the check is due all the same.
  start(killed, entropy, now)->turn(now);
  auto engine = start(killed, entropy, now);
  while (says_so(*engine)) {
    engine->watch_store(now);
    engine->turn(now);
    std::this_thread::yield();
  }
  engine.reset();
  CHECK_FALSE(says_so(*start(killed, entropy, now)));
}

TEST_CASE("what is no backup is refused and leaves nothing of a node behind", "[node]") {
  liaison::testing::TemporaryDirectory temporary;
  Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};
  auto file = (temporary.path() / "text").string();
  std::ofstream(file) << "this is not a store of anything, whatever its length may be\n";
  auto refused = node::restore(file, temporary.path() / "new", now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::malformed);
  CHECK_FALSE(std::filesystem::exists(node::store_path(temporary.path() / "new")));
  CHECK(node::restore((temporary.path() / "none").string(), temporary.path() / "new", now)
            .error()
            .reason == Reason::not_found);
  // It can be tried again with the right file.
  CHECK_FALSE(std::filesystem::exists(node::keys_path(temporary.path() / "new")));
}
