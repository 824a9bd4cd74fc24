#include "certs/authority_directory.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::certs;
using namespace liaison::crypto::testing;

namespace {

const Instant now = test_time();

struct Example {
  liaison::testing::TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "authority";
  AuthorityDirectory authority =
      AuthorityDirectory::create(path, "Example exchange", std::nullopt, now).value();

  crypto::Certificate enrol(const char* node) {
    const Enrolment enrolment{NodeId::parse(node).value(), "Example", NodeRole::provider, {}};
    const auto key = crypto::PrivateKey::generate();
    const auto request = crypto::CertificateRequest::make(key, enrolment.node, {}, {});
    return authority.issue(request, enrolment, now).value();
  }
};

}  // namespace

TEST_CASE("an authority's directory opens as it was left", "[authority]") {
  Example example;
  const auto b = example.enrol("node-b");
  const auto a = example.enrol("node-a");
  REQUIRE(example.authority.revoke(NodeId::parse("node-b").value(),
                                   crypto::RevocationReason::key_compromise, {}, now));
  const auto opened = AuthorityDirectory::open(example.path, std::nullopt);
  REQUIRE(opened);
  CHECK(opened->authority().certificate() == example.authority.authority().certificate());
  CHECK(opened->issued().value() == std::vector<crypto::Certificate>{a, b});
  CHECK(opened->issued_to(NodeId::parse("node-a").value()).value() ==
        std::vector<crypto::Certificate>{a});
  CHECK(opened->revocations().number() == 2);
  CHECK(opened->revocations().is_revoked(b.serial()));
  CHECK_FALSE(opened->revocations().is_revoked(a.serial()));
}

TEST_CASE("all certificates of a node are revoked, and a stranger's none", "[authority]") {
  Example example;
  const auto first = example.enrol("node-a");
  const auto second = example.enrol("node-a");
  const auto as_of = now - std::chrono::days(3);
  const auto list = example.authority.revoke(NodeId::parse("node-a").value(),
                                             crypto::RevocationReason::key_compromise, as_of, now);
  REQUIRE(list);
  CHECK(list->is_revoked(first.serial(), as_of));
  CHECK(list->is_revoked(second.serial(), as_of));
  CHECK(example.authority
            .revoke(NodeId::parse("node-z").value(), crypto::RevocationReason::unspecified, {}, now)
            .error()
            .reason == Reason::not_found);
  CHECK(AuthorityDirectory::open(example.path, std::nullopt)->revocations().number() == 2);
}

TEST_CASE("an authority is not made over another, nor opened where there is none", "[authority]") {
  Example example;
  CHECK(AuthorityDirectory::create(example.path, "Another", std::nullopt, now).error().reason ==
        Reason::conflict);
  CHECK(AuthorityDirectory::open(example.directory.path(), std::nullopt).error().reason ==
        Reason::not_found);
  CHECK_FALSE(AuthorityDirectory::create(example.directory.path() / "x", "", std::nullopt, now));
}

TEST_CASE("damaged files of an authority are named", "[authority]") {
  Example example;
  example.enrol("node-a");
  const auto damage = [](const std::filesystem::path& file) {
    std::ofstream(file, std::ios::binary) << "damaged";
  };
  for (const auto& entry : std::filesystem::directory_iterator(example.path / "issued"))
    damage(entry.path());
  CHECK(example.authority.issued().error().text.find((example.path / "issued").string()) == 0);
  damage(example.path / "revocations.crl");
  CHECK(AuthorityDirectory::open(example.path, std::nullopt).error().text.find("revocations.crl") !=
        std::string::npos);
  damage(example.path / "authority.pem");
  CHECK(AuthorityDirectory::open(example.path, std::nullopt).error().text.find("authority.pem") !=
        std::string::npos);
}
