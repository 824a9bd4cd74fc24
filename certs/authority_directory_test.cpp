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

Result<AuthorityDirectory> opened(const std::filesystem::path& path,
                                  AuthorityDirectory::Use use = AuthorityDirectory::Use::reading) {
  return AuthorityDirectory::open(path, std::nullopt, use);
}

}  // namespace

TEST_CASE("an authority's directory opens as it was left", "[authority]") {
  Example example;
  const auto b = example.enrol("node-b");
  const auto a = example.enrol("node-a");
  REQUIRE(example.authority.revoke(NodeId::parse("node-b").value(),
                                   crypto::RevocationReason::key_compromise, {}, now));
  const auto again = opened(example.path);
  REQUIRE(again);
  CHECK(again->authority().certificate() == example.authority.authority().certificate());
  CHECK(again->issued().value() == std::vector<crypto::Certificate>{a, b});
  CHECK(again->issued_to(NodeId::parse("node-a").value()).value() ==
        std::vector<crypto::Certificate>{a});
  CHECK(again->revocations().number() == 2);
  CHECK(again->revocations().is_revoked(b.serial()));
  CHECK_FALSE(again->revocations().is_revoked(a.serial()));
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
  CHECK(opened(example.path)->revocations().number() == 2);
}

TEST_CASE("who would change an authority has it alone, so that no revocation is lost",
          "[authority]") {
  constexpr auto writing = AuthorityDirectory::Use::writing;
  Example example;
  const auto a = example.enrol("node-a");
  const auto b = example.enrol("node-b");
  const auto revoke = [](AuthorityDirectory& authority, const char* node) {
    return authority.revoke(NodeId::parse(node).value(), crypto::RevocationReason::unspecified, {},
                            now);
  };
  CHECK_THROWS_WITH(opened(example.path, writing), Catch::Contains("is in use by process"));
  REQUIRE(revoke(example.authority, "node-a"));
  CHECK(opened(example.path)->revocations().is_revoked(a.serial()));
  { const auto ends = std::move(example.authority); }
  auto next = opened(example.path, writing).value();
  CHECK_THROWS_WITH(opened(example.path, writing), Catch::Contains("is in use by process"));
  const auto list = revoke(next, "node-b");
  REQUIRE(list);
  CHECK(list->is_revoked(a.serial()));
  CHECK(list->is_revoked(b.serial()));
}

TEST_CASE("an authority is not made over another, nor opened where there is none", "[authority]") {
  Example example;
  CHECK(AuthorityDirectory::create(example.path, "Another", std::nullopt, now).error().reason ==
        Reason::conflict);
  CHECK(opened(example.directory.path()).error().reason == Reason::not_found);
  CHECK_FALSE(AuthorityDirectory::create(example.directory.path() / "x", "", std::nullopt, now));
}

TEST_CASE("keys without their authority's certificate are left, and what to do is said",
          "[authority]") {
  Example example;
  std::filesystem::remove(example.path / "authority.pem");
  example.authority =
      AuthorityDirectory::create(example.directory.path() / "else", "Else", std::nullopt, now)
          .value();  // lets go of the first one's lock
  const auto made = AuthorityDirectory::create(example.path, "Example exchange", std::nullopt, now);
  REQUIRE_FALSE(made);
  CHECK(made.error().reason == Reason::conflict);
  CHECK_THAT(made.error().text, Catch::Contains("nothing was changed") &&
                                    Catch::Contains("cut short, remove that directory"));
  CHECK(std::filesystem::exists(example.path / "keys" / "authority.pem"));
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
  CHECK(opened(example.path).error().text.find("revocations.crl") != std::string::npos);
  damage(example.path / "authority.pem");
  CHECK(opened(example.path).error().text.find("authority.pem") != std::string::npos);
}
