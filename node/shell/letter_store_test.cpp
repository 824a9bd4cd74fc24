#include "node/shell/letter_store.h"

#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "node/shell/schema.h"

using namespace liaison;
using namespace liaison::node;

namespace {

const NodeId leeds = *NodeId::parse("jcp-leeds");
const NodeId bradford = *NodeId::parse("jcp-bradford");
constexpr std::size_t octets = 100;

LetterId id_of(std::uint8_t number) {
  LetterId out;
  out.octets[0] = number;
  return out;
}

struct Fixture {
  liaison::testing::TemporaryDirectory directory;
  store::Database database{store::Options{.path = directory.file("node.db")}, schema()};
  Sql sql{database};
  LetterStore letters{sql};
  std::uint32_t letters_max = 100;
  std::uint64_t bytes_max = 100 * octets;

  void set_aside(std::uint8_t number, const NodeId& sender, std::int64_t at,
                 wire::RefusalReason reason = wire::RefusalReason::unopenable) {
    wire::Letter letter;
    letter.id = id_of(number);
    letter.sender = sender;
    letter.sealed = Bytes(octets, number);
    letters.keep_aside({0, from_ms(at), letter}, from_ms(at), reason, "why", true);
    letters.bound_aside(letter, letters_max, bytes_max);
  }
  /// The letters that are listed; with their octets, or all.
  enum class Which { all, whole };
  std::set<LetterId> aside(Which which) {
    std::set<LetterId> out;
    for (const auto& each : letters.aside())
      if (which == Which::all || each.can_retry) out.insert(each.letter);
    return out;
  }
};

}  // namespace

TEST_CASE(
    "of one sender's letters set aside the newest are kept, first those that do not come again",
    "[node]") {
  Fixture f;
  f.letters_max = 2;
  f.set_aside(9, bradford, 0);
  f.set_aside(1, leeds, 1);
  f.set_aside(2, leeds, 2, wire::RefusalReason::no_such_key);
  f.set_aside(3, leeds, 3);
  CHECK(f.aside(Fixture::Which::all) == std::set{id_of(1), id_of(3), id_of(9)});
  f.set_aside(4, leeds, 4);
  CHECK(f.aside(Fixture::Which::all) == std::set{id_of(3), id_of(4), id_of(9)});
  // The clock was set back.
  f.set_aside(5, leeds, 0);
  CHECK(f.aside(Fixture::Which::all) == std::set{id_of(4), id_of(5), id_of(9)});
}

TEST_CASE("beyond so many octets of one sender set aside the oldest letters keep only their row",
          "[node]") {
  Fixture f;
  f.bytes_max = 2 * octets + 1;
  f.set_aside(9, bradford, 0);
  for (std::uint8_t number = 1; number <= 3; ++number)
    f.set_aside(number, leeds, number);
  CHECK(f.aside(Fixture::Which::whole) == std::set{id_of(2), id_of(3), id_of(9)});
  CHECK(f.aside(Fixture::Which::all).size() == 4);
}

TEST_CASE("what a letter carried before is known, and since when it bears another name", "[node]") {
  Fixture f;
  OutboxRow row;
  row.item.recipient = leeds;
  row.object = Bytes(16, 1);
  const auto item = f.letters.queue(row, from_ms(5));
  f.letters.undo_seal(id_of(1), {item}, from_ms(10));
  CHECK(f.letters.former_items(id_of(1), leeds, from_ms(9)) == std::vector{item});
  CHECK(f.letters.former_items(id_of(1), leeds, from_ms(10)).empty());
  CHECK(f.letters.former_items(id_of(1), bradford, from_ms(9)).empty());
}
