#include <algorithm>
#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "certs/authority.h"
#include "crypto/random.h"
#include "node/shell/engine.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/schema.h"
#include "wire/frame.h"

using namespace liaison;

namespace {

const Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};

/// An office and an authority that may certify more than the office asked for.
struct Office {
  liaison::testing::TemporaryDirectory directory;
  crypto::SystemEntropy entropy;
  certs::Authority authority = certs::Authority::make("An invented exchange", now.wall);
  certs::Invitation invitation = invited();
  crypto::KeyVault keys = crypto::KeyVault::in_memory();
  crypto::CertificateRequest request =
      crypto::CertificateRequest::parse(node::prepare_join(keys, invitation).request).value();

  [[nodiscard]] certs::Invitation invited() const {
    certs::Invitation out;
    out.node = *NodeId::parse("jcp-leeds");
    out.exchange = {"tcp://127.0.0.1:1"};
    out.authority = authority.certificate().fingerprint();
    return out;
  }
  [[nodiscard]] std::unique_ptr<store::Database> database() const {
    return std::make_unique<store::Database>(store::Options{.path = directory.file("node.db")},
                                             node::schema());
  }
  [[nodiscard]] Bytes certify(const crypto::CertificateRequest& asked, Instant at) const {
    return authority.issue(asked, {invitation.node, "Leeds", NodeRole::adviser, {}}, at)->der();
  }
  [[nodiscard]] Result<void> complete(const Bytes& certificate) const {
    auto store = database();
    return node::complete_join(*store, keys, invitation,
                               {authority.certificate().der(), certificate}, now);
  }
  std::unique_ptr<node::Engine> start() {
    return std::make_unique<node::Engine>(node::EngineConfig{}, database(), keys, entropy, now);
  }
};

/// The request with a CURVE key, and one with a witness key, that the office does not have.
std::vector<crypto::CertificateRequest> with_other_keys(const crypto::CertificateRequest& request) {
  std::vector<crypto::CertificateRequest> out{request, request};
  out[0].curve = crypto::CurvePair::generate().public_key();
  out[1].witness = crypto::Ed25519Key::generate().public_key();
  return out;
}

}  // namespace

TEST_CASE("joining is not completed by a certificate of other keys than the node's", "[node]") {
  const Office office;
  for (const auto& other : with_other_keys(office.request)) {
    const auto done = office.complete(office.certify(other, now.wall));
    REQUIRE_FALSE(done);
    CHECK(done.error() ==
          Error{Reason::untrusted,
                "the certificate in the exchange's answer is not for this node's keys"});
  }
  CHECK(office.complete(office.certify(office.request, now.wall)));
}

TEST_CASE("a new certificate of other keys than the node's is not taken, and said", "[node]") {
  Office office;
  const auto first = office.certify(office.request, now.wall);
  REQUIRE(office.complete(first));
  auto engine = office.start();
  const auto give = [&](const Bytes& certificate) {
    engine->frame(wire::encode(wire::Frame(wire::Renewed{certificate})), now);
    engine->turn(now);
  };
  const auto says_so = [&] {
    const auto alarms = engine->status(now).alarms;
    return std::any_of(alarms.begin(), alarms.end(),
                       [](const auto& each) { return each.kind == "signing_key_lost"; });
  };
  const auto later = now.wall + std::chrono::hours(1);
  for (const auto& other : with_other_keys(office.request)) {
    give(office.certify(other, later));
    CHECK(engine->installation().certificate == first);
    CHECK(says_so());
    give(first);  // the one of before is the registered one after all
    CHECK_FALSE(says_so());
    give(office.certify(other, later));
    CHECK(says_so());
    engine.reset();
    engine = office.start();
    CHECK_FALSE(says_so());
  }
  const auto good = office.certify(office.request, later);
  give(good);
  CHECK(engine->installation().certificate == good);
  CHECK_FALSE(says_so());
  engine.reset();
  CHECK(office.start()->installation().certificate == good);
}

TEST_CASE("a node without its sealing key publishes no certificate of it any more", "[node]") {
  Office office;
  REQUIRE(office.complete(office.certify(office.request, now.wall)));
  auto engine = office.start();
  engine->turn(now);
  const auto published = [&] {
    auto count = engine->database().prepare("SELECT count(*) FROM publication WHERE kind = ?");
    auto rows = count.query(static_cast<std::int64_t>(wire::EntryKind::sealing_certificate));
    REQUIRE(rows.next());
    return rows.int64(0);
  };
  CHECK(published() == 1);
  engine.reset();
  for (const auto& name : office.keys.names())
    if (name.rfind(node::sealing_key_prefix, 0) == 0) office.keys.destroy(name);
  engine = office.start();
  CHECK(published() == 0);
}
