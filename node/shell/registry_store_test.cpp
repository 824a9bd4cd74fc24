#include "node/shell/registry_store.h"

#include <catch2/catch.hpp>
#include <memory>

#include "base/bytes.h"
#include "base/testing/temporary_directory.h"
#include "crypto/digest.h"
#include "node/shell/schema.h"
#include "node/shell/sql.h"

using namespace liaison;
using namespace liaison::node;

namespace {

struct Fixture {
  Fixture() {
    store::Options options;
    options.path = directory.file("node.db");
    database = std::make_unique<store::Database>(options, schema());
    sql = std::make_unique<Sql>(*database);
    registry = std::make_unique<RegistryStore>(*sql);
  }
  wire::Publication publish(wire::EntryKind kind, std::uint8_t content,
                            const std::string& service = "", std::uint32_t version = 0) {
    StoredPublication kept;
    kept.publication = {kind, Bytes(20, content)};
    kept.digest = crypto::sha256(kept.publication.body);
    kept.state = PublicationState::waits;
    kept.at = from_ms(content);
    kept.service = service;
    kept.version = version;
    registry->keep_publication(kept);
    return kept.publication;
  }

  liaison::testing::TemporaryDirectory directory;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Sql> sql;
  std::unique_ptr<RegistryStore> registry;
};

}  // namespace

TEST_CASE("only what the exchange has not answered for good is said again", "[node]") {
  Fixture f;
  const auto key = f.publish(wire::EntryKind::sealing_certificate, 1);
  const auto listing = f.publish(wire::EntryKind::listing, 2, "gardening", 3);
  const auto refused = f.publish(wire::EntryKind::listing, 3, "gardening", 4);
  CHECK(f.registry->waiting_publications() ==
        std::vector<wire::Publication>{key, listing, refused});
  f.registry->settle_publication(crypto::sha256(key.body), PublicationState::stands, "");
  f.registry->settle_publication(crypto::sha256(refused.body), PublicationState::refused, "no");
  CHECK(f.registry->waiting_publications() == std::vector<wire::Publication>{listing});
  CHECK(f.registry->published_listings().size() == 2);
  CHECK(f.registry->newest_version("gardening") == 3);
  CHECK(f.registry->newest_version("cooking") == 0);
}

TEST_CASE("a sealing certificate that is learnt again takes its place in the registry of now",
          "[node]") {
  Fixture f;
  auto keep = [&](std::uint8_t number, CertificateKind kind) {
    StoredCertificate certificate;
    certificate.fingerprint.octets[0] = number;
    certificate.kind = kind;
    certificate.der = Bytes(20, number);
    f.registry->keep_certificate(certificate);
  };
  auto order = [&] {
    Bytes out;
    for (const auto& each : f.registry->certificates())
      out.push_back(each.fingerprint.octets[0]);
    return out;
  };
  keep(1, CertificateKind::signing);
  keep(2, CertificateKind::sealing);
  keep(3, CertificateKind::sealing);
  CHECK(order() == Bytes{1, 2, 3});
  keep(1, CertificateKind::signing);
  keep(3, CertificateKind::sealing);
  keep(2, CertificateKind::sealing);
  CHECK(order() == Bytes{1, 3, 2});
}

TEST_CASE("a restored exchange is told again what it lost, but for certificates that have ended",
          "[node]") {
  Fixture f;
  const auto ended = f.publish(wire::EntryKind::sealing_certificate, 1);
  const auto current = f.publish(wire::EntryKind::sealing_certificate, 2);
  const auto gone = f.publish(wire::EntryKind::sealing_certificate, 3);
  for (const auto& [publication, state] :
       {std::pair(ended, KeyState::retired), std::pair(current, KeyState::current)}) {
    StoredOwnKey own;
    own.key.fingerprint = Fingerprint{crypto::sha256(publication.body).octets};
    own.key.state = state;
    own.certificate = publication.body;
    f.registry->keep_own_key(own);
  }
  for (const auto& each : {ended, current, gone})
    f.registry->settle_publication(crypto::sha256(each.body), PublicationState::stands, "");
  f.registry->drop_ended_certificates();
  f.registry->publish_lost_again();
  CHECK(f.registry->waiting_publications() == std::vector<wire::Publication>{current});
}

TEST_CASE("what one node says of another's certificate takes no room from what its own says",
          "[node]") {
  Fixture f;
  Fingerprint contested;
  contested.octets[0] = 9;
  for (const auto* node : {"gone-bad", "able-futures"})
    f.registry->keep_key_alarm(
        {*NodeId::parse(node), contested, Fingerprint{}, Bytes(3, 1), from_ms(5), false});
  CHECK(f.registry->key_alarms().size() == 2);
  CHECK(f.registry->acknowledge_key_alarm(*NodeId::parse("able-futures"), contested));
  const auto kept = f.registry->key_alarms();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].acknowledged != kept[1].acknowledged);
}
