#include "wire/letter.h"

#include <catch2/catch.hpp>

#include "wire/limits.h"

using namespace liaison;
using namespace liaison::wire;

namespace {

Content content(Matter matter) {
  Content out;
  out.letter.octets[0] = 1;
  out.sender = NodeId::parse("jcp-leeds").value();
  out.recipient = NodeId::parse("able-futures").value();
  out.sealed_at = from_ms(1'790'000'000'000);
  out.incarnation = 2;
  out.matter = std::move(matter);
  return out;
}

}  // namespace

TEST_CASE("each matter of a sealed letter is read as it was written", "[wire]") {
  EventId event;
  event.octets[3] = 9;
  CaseId case_id;
  case_id.octets[2] = 8;
  const Matter matters[] = {
      std::vector<SignedEvent>{{Bytes(200, 1), Bytes(70, 2), Fingerprint{}}},
      std::vector<Receipt>{{LetterId{}, Stage::opened, from_ms(4)}},
      Part{case_id, Digest{}, 1, 3, Bytes(5000, 1)},
      Ask{Gap{case_id, {StrandKind::referral, StrandId{}}, 2, 5}, {}},
      Ask{WholeCase{case_id}, {event}},
      Ask{Everything{from_ms(9)}, {event, event}},
      Ask{PartWanted{case_id, Digest{}}, {}},
      Answered{LetterId{}},
  };
  for (const Matter& matter : matters) {
    CHECK(decode_content(encode(content(matter))).value() == content(matter));
  }
}

TEST_CASE("a part outside its count is refused", "[wire]") {
  CHECK_FALSE(decode_content(encode(content(Part{{}, {}, 3, 3, {}}))).has_value());
  CHECK_FALSE(decode_content(encode(content(Part{{}, {}, 0, parts_max + 1, {}}))).has_value());
}

TEST_CASE("a content of a later version is unsupported, not malformed", "[wire]") {
  Content later = content(Answered{});
  later.version = 2;
  auto read = decode_content(encode(later));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().reason == Reason::unsupported);
}
