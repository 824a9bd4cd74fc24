#include "certs/ca_commands.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/testing/temporary_directory.h"
#include "certs/signing_request.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::certs;
using namespace liaison::crypto::testing;

namespace {

const Instant now = test_time();
const Instant later = now + std::chrono::days(60);

const Admission nobody;
const Admission new_ones{true};

struct Example {
  liaison::testing::TemporaryDirectory directory;
  AuthorityDirectory authority = AuthorityDirectory::create(directory.path() / "authority",
                                                            "Example exchange", std::nullopt, now)
                                     .value();
  std::filesystem::path requests = directory.path() / "requests";
  std::filesystem::path out = directory.path() / "out";
  Enrolment enrolment{NodeId::parse("jcp-leeds").value(),
                      "Jobcentre Leeds",
                      NodeRole::adviser,
                      {Capability::health}};
  crypto::PrivateKey key = crypto::PrivateKey::generate();

  Example() { std::filesystem::create_directory(requests); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(requests / name) << text;
  }
  [[nodiscard]] SigningRequest first() const {
    return {enrolment, crypto::CertificateRequest::make(key, enrolment.node, {}, {}).der,
            std::nullopt};
  }
  [[nodiscard]] SigningRequest renewal(const crypto::PrivateKey& next,
                                       const crypto::Certificate& previous) const {
    auto made = make_renewal(enrolment.node, next, {}, {}, key, previous);
    return {enrolment, made.request, made.continuity};
  }
  /// How many were refused, and what was said.
  std::pair<std::size_t, std::string> sign(const Admission& admission, Instant at = now) {
    std::ostringstream lines;
    const auto refused = sign_requests(authority, requests, out, admission, at, lines);
    REQUIRE(refused);
    return {*refused, lines.str()};
  }
  [[nodiscard]] crypto::Certificate signed_for(const std::string& node) const {
    std::ifstream in(out / (node + ".pem"));
    std::ostringstream text;
    text << in.rdbuf();
    return crypto::certificate_from_pem(text.str()).value();
  }
};

}  // namespace

TEST_CASE("a signing request reads back, and nothing else is taken for one", "[ca]") {
  const Example example;
  for (const auto& request :
       {example.first(), example.renewal(crypto::PrivateKey::generate(),
                                         example.authority.authority().certificate())}) {
    const auto text = encode(request);
    CHECK(parse_signing_request(text).value() == request);
    const auto object = nlohmann::json::parse(text);
    for (const auto& [member, value] : object.items()) {
      auto without = object;
      without.erase(member);
      CHECK_FALSE(parse_signing_request(without.dump()));
      auto changed = object;
      changed[member] = 1;
      CHECK_FALSE(parse_signing_request(changed.dump()));
    }
    auto more = object;
    more["other"] = "x";
    CHECK_FALSE(parse_signing_request(more.dump()));
  }
  CHECK_FALSE(parse_signing_request(""));
  CHECK_FALSE(parse_signing_request("[]"));
  CHECK(parse_signing_request(std::string(signing_request_bytes_max + 1, ' ')).error().reason ==
        Reason::too_large);
}

TEST_CASE("of two nodes whose ids have one mark the second gets no certificate", "[ca]") {
  Example example;
  example.enrolment.node = NodeId::parse("n0a8pabvdas8edf10a0a").value();
  example.put("a.json", encode(example.first()));
  REQUIRE(example.sign(new_ones).first == 0);
  example.key = crypto::PrivateKey::generate();
  example.enrolment.node = NodeId::parse("o1gj0bf98g5gdo83saqn").value();
  example.put("b.json", encode(example.first()));
  const auto signed_now = example.sign(new_ones);
  CHECK(signed_now.first == 1);
  CHECK(signed_now.second.find("has the mark of n0a8pabvdas8edf10a0a") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(example.out / "o1gj0bf98g5gdo83saqn.pem"));
}

TEST_CASE("a node's first certificate is signed when the administrator says so", "[ca]") {
  Example example;
  example.put("a.json", encode(example.first()));
  const auto refused = example.sign(nobody);
  CHECK(refused.first == 1);
  CHECK(refused.second ==
        "a.json: refused: jcp-leeds (Jobcentre Leeds, adviser, health) has no certificate here "
        "yet: with "
        "--new it is admitted\n");
  CHECK_FALSE(std::filesystem::exists(example.out / "jcp-leeds.pem"));
  CHECK(example.sign(new_ones) ==
        std::pair<std::size_t, std::string>(
            0,
            "a.json: signed for jcp-leeds (Jobcentre Leeds, adviser, health) until "
            "2026-08-04T10:42:00Z\n"));
  CHECK(crypto::check_signing(example.signed_for("jcp-leeds"),
                              example.authority.authority().certificate(), now));
}

TEST_CASE("the same request gets the same certificate", "[ca]") {
  Example example;
  example.put("a.json", encode(example.first()));
  example.sign(new_ones);
  const auto first = example.signed_for("jcp-leeds");
  CHECK(example.sign(nobody, later).first == 0);
  CHECK(example.signed_for("jcp-leeds") == first);
  CHECK(example.authority.issued()->size() == 1);
}

TEST_CASE("a renewal is signed without asking, if it continues what holds and changes nothing",
          "[ca]") {
  Example example;
  example.put("a.json", encode(example.first()));
  example.sign(new_ones);
  const auto first = example.signed_for("jcp-leeds");
  std::filesystem::remove(example.requests / "a.json");
  auto renewal = example.renewal(crypto::PrivateKey::generate(), first);

  SECTION("as it should be") {
    example.put("b.json", encode(renewal));
    CHECK(example.sign(nobody, later).first == 0);
    CHECK(example.signed_for("jcp-leeds").fingerprint() != first.fingerprint());
    CHECK(check_continuity(*renewal.continuity, first, example.signed_for("jcp-leeds")));
  }
  SECTION("with more capabilities") {
    renewal.enrolment.capabilities.add(Capability::authority);
    example.put("b.json", encode(renewal));
    CHECK(example.sign(nobody, later).first == 1);
  }
  SECTION("of a certificate that is revoked") {
    REQUIRE(example.authority.revoke(example.enrolment.node,
                                     crypto::RevocationReason::key_compromise, {}, now));
    example.put("b.json", encode(renewal));
    const auto refused = example.sign(new_ones, later);
    CHECK(refused.second == "b.json: refused: the certificate that it renews is revoked\n");
  }
  SECTION("of a certificate of another authority") {
    const auto other = Authority::make("Other", now);
    const auto foreign =
        other
            .issue(crypto::CertificateRequest::parse(example.first().request).value(),
                   example.enrolment, now)
            .value();
    example.put("b.json", encode(example.renewal(crypto::PrivateKey::generate(), foreign)));
    CHECK(example.sign(new_ones, later).first == 1);
  }
}

TEST_CASE("a node that has certificates gets one without their keys only by its name", "[ca]") {
  Example example;
  example.put("a.json", encode(example.first()));
  example.sign(new_ones);
  example.key = crypto::PrivateKey::generate();
  example.put("a.json", encode(example.first()));
  const auto refused = example.sign(new_ones, later);
  CHECK(refused.first == 1);
  CHECK(refused.second.find("--rejoin jcp-leeds") != std::string::npos);
  CHECK(example.sign({true, {NodeId::parse("jcp-york").value()}}, later).first == 1);
  CHECK(example.sign({false, {example.enrolment.node}}, later).first == 0);
  CHECK(example.signed_for("jcp-leeds").public_key() == example.key.public_key());
}

TEST_CASE("one bad request does not hold up the others", "[ca]") {
  Example example;
  example.put("a.json", "not JSON");
  example.put("b.json", encode(example.first()));
  example.put("note.txt", "ignored");
  const auto [refused, lines] = example.sign(new_ones);
  CHECK(refused == 1);
  CHECK(lines ==
        "a.json: refused: not a signing request: \"format\" is missing or not of its form\n"
        "b.json: signed for jcp-leeds (Jobcentre Leeds, adviser, health) until "
        "2026-08-04T10:42:00Z\n");
  std::ostringstream ignored;
  CHECK_FALSE(sign_requests(example.authority, example.directory.path() / "none", example.out,
                            new_ones, now, ignored));
}

TEST_CASE("certificates are listed as lines and as JSON", "[ca]") {
  Example example;
  example.put("a.json", encode(example.first()));
  example.sign(new_ones);
  const auto listed = [&](Form form, Instant at) {
    std::ostringstream out;
    REQUIRE(list_certificates(example.authority, form, at, out));
    return out.str();
  };
  const auto serial = to_hex(example.signed_for("jcp-leeds").serial());
  CHECK(listed(Form::text, now) ==
        "jcp-leeds  adviser  valid  until 2026-08-04T10:42:00Z  " + serial + "  Jobcentre Leeds\n");
  CHECK(listed(Form::text, now + std::chrono::days(91)).find("  expired  ") != std::string::npos);
  REQUIRE(example.authority.revoke(example.enrolment.node, crypto::RevocationReason::key_compromise,
                                   now - std::chrono::days(1), now));
  const auto array = nlohmann::json::parse(listed(Form::json, now));
  REQUIRE(array.size() == 1);
  CHECK(array[0]["node"] == "jcp-leeds");
  CHECK(array[0]["capabilities"] == nlohmann::json::array({"health"}));
  CHECK(array[0]["state"] == "revoked");
  CHECK(array[0]["reason"] == "key_compromise");
  CHECK(array[0]["as_of"] == "2026-05-05T10:42:00Z");
  CHECK(array[0]["serial"] == serial);
}
