#include "crypto/revocation.h"

#include <catch2/catch.hpp>

#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"
#include "crypto/x509.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

struct Example {
  TestAuthority authority;
  TestNode leeds{authority, "jcp-leeds"};
  TestNode bradford{authority, "jcp-bradford"};
  Instant day_before = test_time() - std::chrono::days(1);
  std::vector<RevocationEntry> entries{
      {leeds.signing.serial(), test_time(), RevocationReason::key_compromise, day_before},
      {bradford.signing.serial(), test_time(), RevocationReason::unspecified, std::nullopt}};
  RevocationList list =
      RevocationList::make(7, entries, authority.key, authority.certificate, test_time());
};

}  // namespace

TEST_CASE("a revocation list is read as it was made", "[revocation]") {
  const Example example;
  const auto read = RevocationList::parse(example.list.der());
  REQUIRE(read);
  CHECK(read->number() == 7);
  CHECK(read->issued_at() == test_time());
  CHECK(read->entries() == example.entries);
  CHECK(read->verify(example.authority.certificate));
  CHECK(read->is_revoked(example.leeds.signing.serial()));
  CHECK_FALSE(read->is_revoked(example.authority.certificate.serial()));
}

TEST_CASE("a revocation as of an earlier time covers what was signed since", "[revocation]") {
  const Example example;
  const auto& leeds = example.leeds.signing.serial();
  CHECK(example.list.is_revoked(leeds, example.day_before));
  CHECK_FALSE(example.list.is_revoked(leeds, example.day_before - std::chrono::seconds(1)));
  const auto& bradford = example.bradford.signing.serial();
  CHECK(example.list.is_revoked(bradford, test_time()));
  CHECK_FALSE(example.list.is_revoked(bradford, test_time() - std::chrono::seconds(1)));
}

TEST_CASE("the first list revokes nobody", "[revocation]") {
  const TestAuthority authority;
  const auto list = RevocationList::make(1, {}, authority.key, authority.certificate, test_time());
  CHECK(list.entries().empty());
  CHECK(list.verify(authority.certificate));
}

TEST_CASE("a list signed by another is not believed", "[revocation]") {
  const Example example;
  const TestAuthority other;
  CHECK(example.list.verify(other.certificate).error().reason == Reason::untrusted);
  const auto by_a_node = RevocationList::make(8, {}, example.leeds.signing_key,
                                              example.authority.certificate, test_time());
  CHECK_FALSE(by_a_node.verify(example.authority.certificate));
}

TEST_CASE("a list off the profile is refused", "[revocation]") {
  const Example example;
  const auto& der = example.list.der();
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(RevocationList::parse(ByteView(der).first(size)));
  for (std::size_t i = 0; i < der.size(); ++i) {
    auto changed = der;
    changed[i] ^= 0x01U;
    const auto read = RevocationList::parse(changed);
    if (read) CHECK_FALSE(read->verify(example.authority.certificate));
  }
  const auto refused = [&](auto change) {
    auto tree = read_tree(der);
    change(tree[0]);
    return !RevocationList::parse(make_signed_object(tree[0].der(), example.authority.key));
  };
  constexpr std::size_t entries = 5;
  CHECK_FALSE(refused([](Node&) {}));
  CHECK(refused(
      [](Node& tbs) { tbs[entries].parts.push_back(tbs[entries][0]); }));  // one serial twice
  CHECK(refused([](Node& tbs) { tbs[entries].parts.clear(); }));  // an empty list has no list
  CHECK(refused([](Node& tbs) { tbs[entries][0][0].content = Bytes{0}; }));
  CHECK(refused([](Node& tbs) {
    tbs[entries][0][2][0][1].content = from_hex("0a0108").value();
  }));  // removeFromCRL
  CHECK(refused([](Node& tbs) { tbs[entries][0][2].parts.push_back(tbs[entries][0][2][0]); }));
  CHECK(refused([](Node& tbs) { tbs[0].content = Bytes{0}; }));
  CHECK(refused([](Node& tbs) { tbs[6][0].parts.pop_back(); }));  // no number
  CHECK(refused([](Node& tbs) { tbs[6][0][1][1].content = from_hex("020100").value(); }));
  CHECK(RevocationList::parse(Bytes(revocation_list_bytes_max + 1)).error().reason ==
        Reason::too_large);
}

TEST_CASE("who was named once stays named, by the earliest time", "[revocation]") {
  const Example example;
  const auto& leeds = example.leeds.signing.serial();
  const auto& bradford = example.bradford.signing.serial();
  const auto list_of = [&](std::uint64_t number, std::vector<RevocationEntry> entries) {
    return RevocationList::make(number, entries, example.authority.key,
                                example.authority.certificate, test_time());
  };
  Revocations all;
  CHECK(all.find(leeds) == nullptr);
  all.add(example.list);
  all.add(list_of(8, {}));
  CHECK(*all.find(leeds) == example.entries[0]);
  auto later = example.entries[0];
  later.as_of = test_time();
  auto earlier = example.entries[1];
  earlier.as_of = example.day_before;
  all.add(list_of(9, {later, earlier}));
  CHECK(all.is_revoked(leeds, example.day_before));
  CHECK_FALSE(all.is_revoked(leeds, example.day_before - std::chrono::seconds(1)));
  CHECK(*all.find(bradford) == earlier);
  CHECK(all.find(example.authority.certificate.serial()) == nullptr);
}

TEST_CASE("each reason has a name that reads back", "[revocation]") {
  for (const auto reason :
       {RevocationReason::unspecified, RevocationReason::key_compromise,
        RevocationReason::affiliation_changed, RevocationReason::superseded,
        RevocationReason::cessation_of_operation, RevocationReason::privilege_withdrawn}) {
    CHECK(parse_revocation_reason(name_of(reason)).value() == reason);
  }
  CHECK_FALSE(parse_revocation_reason("bored"));
}
