#include "auditor/tally.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "auditor/report.h"
#include "crypto/testing/identities.h"
#include "wire/registry.h"

using namespace liaison;
using namespace liaison::auditor;

namespace {

const NodeId leeds = *NodeId::parse("jcp-leeds");
const NodeId able = *NodeId::parse("able-futures");
constexpr std::int64_t morning = 1'800'000'000'000;  // 2027-01-15T08:00:00Z

wire::LogEntry entry(wire::LogKind kind, std::uint8_t letter, std::int64_t after_ms) {
  wire::LogEntry out;
  out.kind = kind;
  out.at = from_ms(morning + after_ms);
  out.letter.octets[0] = letter;
  out.sender = leeds;
  out.recipient = able;
  return out;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("percentiles are within two hundredths of what was added", "[auditor]") {
  Durations durations;
  CHECK(durations.percentile(50) == Duration{});
  for (std::int64_t ms = 1; ms <= 10'000; ++ms)
    durations.add(Duration(ms));
  CHECK(durations.count() == 10'000);
  CHECK(durations.percentile(50).count() >= 5'000 * 98 / 100);
  CHECK(durations.percentile(50).count() <= 5'000 * 102 / 100);
  CHECK(durations.percentile(95).count() >= 9'500 * 98 / 100);
  CHECK(durations.percentile(95).count() <= 9'500 * 102 / 100);
  Durations quick;
  quick.add(Duration(0));
  CHECK(quick.percentile(50) == Duration(1));
}

TEST_CASE("what was accepted and never taken is told, and since when", "[auditor]") {
  using Kind = wire::LogKind;
  Tally tally;
  tally.add(entry(Kind::accepted, 1, 0));
  tally.add(entry(Kind::accepted, 2, 1000));
  tally.add(entry(Kind::accepted, 3, 2000));
  tally.add(entry(Kind::accepted, 4, 3000));
  tally.add(entry(Kind::taken, 1, 500));
  tally.add(entry(Kind::expired, 3, std::int64_t{3} * 86'400'000));
  auto refused = entry(Kind::refused, 9, 10);
  refused.reason = wire::RefusalReason::expired;
  tally.add(refused);
  refused.kind = Kind::refused_many;
  refused.recipient = {};
  refused.count = 40;
  tally.add(refused);
  tally.finish();
  const auto& pair = tally.pairs.at({leeds, able});
  CHECK(pair.kinds.at(Kind::accepted) == 4);
  CHECK(pair.waiting == 2);
  CHECK(pair.waits_since == from_ms(morning + 1000));
  CHECK(pair.taken_after.count() == 1);
  CHECK(tally.refused.at({leeds, wire::RefusalReason::expired}) == 41);
  CHECK(tally.days.size() == 4);  // two of them without a letter
  CHECK(tally.days.at("2027-01-17").empty());
  CHECK(tally.days.at("2027-01-15").at(Kind::accepted) == 4);
  const auto text = text_of(report_of(tally, {}));
  CHECK(says(text, "2 since 2027-01-15T08:00:01Z"));
  CHECK(says(text, "letters taken after: p50 5"));
}

TEST_CASE("what others wrote does no harm on a terminal or a page", "[auditor]") {
  Tally tally;
  const wire::AdministratorAct act{"root", "revoke", "able-futures",
                                   "<script>alert(1)</script> & \u001b[2J\u202e"};
  tally.add({wire::EntryKind::act, from_ms(morning), {}}, wire::encode(act));
  tally.finish();
  const auto report = report_of(tally, {});
  const auto page = html_of(report);
  CHECK_FALSE(says(page, "<script>"));
  CHECK(says(page, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; "));
  for (const auto& text : {page, text_of(report)}) {
    CHECK_FALSE(says(text, "\u001b"));
    CHECK_FALSE(says(text, "\u202e"));
  }
  CHECK_FALSE(says(page, "src="));
  CHECK_FALSE(says(page, "href="));
}

TEST_CASE("a revocation that a later list takes back is told", "[auditor]") {
  using namespace crypto;
  const testing::TestAuthority authority;
  const testing::TestNode revoked(authority, "able-futures");
  const auto now = testing::test_time();
  const RevocationEntry known{revoked.signing.serial(), now, RevocationReason::key_compromise, {}};
  const RevocationEntry other{Bytes{1, 2, 3}, now, RevocationReason::unspecified, {}};
  Tally tally;
  const wire::IssuedCertificate issued{
      revoked.signing.der(), wire::IssueReason::joined, {}, {}, {}};
  tally.add({wire::EntryKind::signing_certificate, from_ms(morning), {}}, wire::encode(issued));
  std::int64_t at = morning;
  const auto list = [&](std::uint64_t number, const std::vector<RevocationEntry>& entries) {
    const auto made =
        RevocationList::make(number, entries, authority.key, authority.certificate, now);
    tally.add({wire::EntryKind::revocation_list, from_ms(at += 1000), {}}, made.der());
  };
  list(1, {});
  list(2, {known, other});
  auto earlier = known;
  earlier.as_of = now - std::chrono::hours(1);
  list(3, {earlier, other});
  CHECK(tally.taken_back.empty());
  list(4, {known, other});
  auto replaced = earlier;
  replaced.reason = RevocationReason::superseded;
  list(5, {replaced, other});
  list(6, {replaced});
  REQUIRE(tally.taken_back.size() == 3);
  CHECK(tally.taken_back[0].at == from_ms(morning + 4000));
  CHECK(tally.taken_back[1].at == from_ms(morning + 5000));
  CHECK(tally.taken_back[1].certificate == revoked.signing.fingerprint());
  CHECK_FALSE(tally.taken_back[2].node);
  tally.finish();
  const auto text = text_of(report_of(tally, {}));
  CHECK(says(text, "Revocations that a later list takes back"));
  CHECK(says(text, revoked.signing.fingerprint().text()));
  CHECK(says(text, "010203"));
}

TEST_CASE("an entry of the registry that nobody can read is told, and not left out", "[auditor]") {
  Tally tally;
  const Bytes junk(40, 7);
  for (const auto kind : {wire::EntryKind::act, wire::EntryKind::key_alarm,
                          wire::EntryKind::signing_certificate, wire::EntryKind::revocation_list})
    tally.add({kind, from_ms(morning), {}}, junk);
  REQUIRE(tally.unreadable.size() == 4);
  CHECK(tally.unreadable.front().second == "act");
  CHECK(tally.acts.empty());
}
