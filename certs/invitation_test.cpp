#include "certs/invitation.h"

#include <catch2/catch.hpp>

#include "base/testing/seeded_entropy.h"
#include "crypto/digest.h"

using namespace liaison;
using namespace liaison::certs;

namespace {

Invitation example() {
  liaison::testing::SeededEntropy entropy(1);
  return {NodeId::parse("jcp-leeds").value(),
          {"tcp://exchange.example:7600", "tcp://[2001:db8::1]:7600"},
          {"tcp://192.0.2.1:7601"},
          entropy.fresh<CurveKey>(),
          entropy.fresh<Fingerprint>(),
          {entropy.fresh<crypto::WitnessKey>(), entropy.fresh<crypto::WitnessKey>()},
          entropy.fresh<InvitationSecret>(),
          parse_rfc3339("2026-05-13T10:42:00Z").value()};
}

/// A line with this body, and a checksum that holds.
std::string with_body(std::string_view json) {
  const auto front = "liaison-invitation-1." + to_base64url(as_bytes(json));
  return front + '.' + crypto::sha256(as_bytes(front)).text().substr(0, 8);
}

std::string body_of(const std::string& line) {
  const auto first = line.find('.') + 1;
  return std::string(as_text(from_base64url(line.substr(first, line.rfind('.') - first)).value()));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("an invitation is one line that reads back", "[invitation]") {
  auto invitation = example();
  const auto line = encode(invitation);
  CHECK(line.rfind("liaison-invitation-1.", 0) == 0);
  CHECK(line.find_first_of(" \t\r\n") == std::string::npos);
  CHECK(parse_invitation(line).value() == invitation);
  invitation.log_keys.clear();
  CHECK(parse_invitation(encode(invitation)).value() == invitation);
}

TEST_CASE("white space around and inside an invitation is passed over", "[invitation]") {
  const auto line = encode(example());
  CHECK(parse_invitation("  \r\n" + line + "\n\n").value() == example());
  std::string wrapped;
  for (std::size_t at = 0; at < line.size(); at += 72)
    wrapped += "  " + line.substr(at, 72) + "\r\n";
  CHECK(parse_invitation(wrapped).value() == example());
}

TEST_CASE("an invitation with any character changed, missing or doubled is refused",
          "[invitation]") {
  const auto line = encode(example());
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto changed = line;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    CHECK_FALSE(parse_invitation(changed));
    CHECK_FALSE(parse_invitation(line.substr(0, i)));
    CHECK_FALSE(parse_invitation(line.substr(0, i) + line.substr(i + 1)));
  }
  CHECK_FALSE(parse_invitation(line + line));
  CHECK_FALSE(parse_invitation(line + "."));
}

TEST_CASE("what is wrong with an invitation is said", "[invitation]") {
  CHECK(parse_invitation(" \n").error().text ==
        "there is no invitation: give the line that the exchange sent");
  CHECK(parse_invitation("hello").error().text ==
        "this is no invitation: it begins with liaison-invitation-1.");
  CHECK(parse_invitation("liaison-invitation-2.abc.def").error().reason == Reason::unsupported);
  CHECK(parse_invitation(std::string(invitation_characters_max + 1, 'x')).error().reason ==
        Reason::malformed);
}

TEST_CASE("an invitation whose body is off its form is refused, checksum or not", "[invitation]") {
  const auto body = body_of(encode(example()));
  CHECK(parse_invitation(with_body(body)).value() == example());
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"jcp-leeds", "JCP Leeds"},
           {"jcp-leeds", ""},
           {"tcp://exchange.example:7600", "ipc:///tmp/socket"},
           {"tcp://exchange.example:7600", "tcp://exchange.example"},
           {"tcp://exchange.example:7600", "tcp://*:7600"},
           {"[\"tcp://192.0.2.1:7601\"]", "[]"},
           {"[\"tcp://192.0.2.1:7601\"]", "\"tcp://192.0.2.1:7601\""},
           {"[\"tcp://192.0.2.1:7601\"]", "[7601]"},
           {"2026-05-13T10:42:00Z", "2026-05-13"},
           {"2026-05-13T10:42:00Z", "2026-05-13T11:42:00+01:00"},  // one time, one form
           {"\"node\"", "\"nodes\""},
           {"{", "{\"other\":1,"},
           {"\"node\":", "\"node\":\"jcp-york\",\"node\":"},
           {",", ", "},
           {"}", ""}}) {
    CAPTURE(what, by);
    CHECK_FALSE(parse_invitation(with_body(replaced(body, what, by))));
  }
  CHECK_FALSE(parse_invitation(with_body("")));
  CHECK_FALSE(parse_invitation(with_body("[]")));
  CHECK_FALSE(parse_invitation(with_body("null")));
  CHECK_FALSE(parse_invitation(with_body("\xff\xfe")));
  CHECK_FALSE(parse_invitation(with_body(std::string(5000, '['))));
  auto many = example();
  many.exchange.assign(9, "tcp://exchange.example:7600");
  CHECK_FALSE(parse_invitation(encode(many)));
}

TEST_CASE("an address is tcp, a host and a port", "[invitation]") {
  for (const char* good : {"tcp://127.0.0.1:1", "tcp://exchange:65535", "tcp://a.b-c.example:7600",
                           "tcp://[::1]:7600"}) {
    CAPTURE(good);
    CHECK(is_address(good));
  }
  for (const char* bad : {"", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0",
                          "tcp://host:65536", "tcp://host:07", "tcp://:7600", "udp://host:1",
                          "tcp://ho st:1", "tcp://-host:1", "tcp://[::1:7600", "tcp://[]:1",
                          "tcp://host:1/path", "tcp://user@host:1", "tcp://*:7600"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_address(bad));
  }
}
