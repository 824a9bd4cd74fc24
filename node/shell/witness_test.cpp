#include "node/shell/witness.h"

#include <catch2/catch.hpp>
#include <optional>

#include "audit/cosignature.h"
#include "base/testing/temporary_directory.h"
#include "node/shell/schema.h"

using namespace liaison;
using namespace liaison::node;
using wire::LogName;

namespace {

struct Fixture {
  liaison::testing::TemporaryDirectory directory;
  store::Database database{store::Options{.path = directory.file("node.db")}, schema()};
  Sql sql{database};
  LogStore store{sql};
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  crypto::Ed25519Key log = crypto::Ed25519Key::generate();
  std::optional<Witness> witness{std::in_place, store, "witness/leeds", key};
  Now now{from_ms(1'800'000'000'000), Duration(1'000)};

  audit::SignedCheckpoint checkpoint(std::uint64_t size, std::uint8_t root = 1) const {
    audit::Checkpoint out{"log", size, {}};
    out.root.octets[0] = root;
    return audit::sign(out, log);
  }
  bool cosigns(std::uint64_t epoch, const audit::SignedCheckpoint& of,
               LogName name = LogName::message) {
    const auto line = witness->cosign(name, epoch, of, now);
    if (!line) return false;
    const audit::Note note{of.note.text, audit::parse_signatures(*line).value()};
    const audit::NoteKey known{"witness/leeds", audit::KeyKind::cosignature, key.public_key()};
    CHECK(audit::cosignatures(note, std::span(&known, 1)).value() ==
          std::vector<audit::Cosignature>{{"witness/leeds", 1'800'000'000}});
    return true;
  }
};

}  // namespace

TEST_CASE("a witness cosigns a tree and those that continue it, never a smaller or another one",
          "[node]") {
  Fixture f;
  CHECK(f.cosigns(7, f.checkpoint(10)));
  CHECK(f.cosigns(7, f.checkpoint(10)));
  CHECK_FALSE(f.cosigns(7, f.checkpoint(10, 2)));
  CHECK_FALSE(f.cosigns(7, f.checkpoint(9)));
  CHECK(f.cosigns(7, f.checkpoint(11, 3)));
  CHECK(f.cosigns(7, f.checkpoint(3, 9), LogName::registry));
}

TEST_CASE("what a witness cosigned holds after a restart", "[node]") {
  Fixture f;
  REQUIRE(f.cosigns(7, f.checkpoint(10)));
  f.witness.emplace(f.store, "witness/leeds", f.key);
  CHECK_FALSE(f.cosigns(7, f.checkpoint(9)));
  CHECK_FALSE(f.cosigns(7, f.checkpoint(10, 2)));
  REQUIRE(f.witness->last(LogName::message, 7));
  CHECK(f.witness->last(LogName::message, 7)->size == 10);
  CHECK_FALSE(f.witness->last(LogName::message, 8));
  CHECK_FALSE(f.witness->last(LogName::registry, 7));
}

TEST_CASE("a restored exchange's log is another, and its former one is cosigned no more",
          "[node]") {
  Fixture f;
  REQUIRE(f.cosigns(7, f.checkpoint(10)));
  CHECK(f.cosigns(8, f.checkpoint(4, 5)));
  CHECK_FALSE(f.cosigns(7, f.checkpoint(11)));
}

TEST_CASE("a log that is not known to continue what was cosigned is cosigned no more, in its epoch",
          "[node]") {
  Fixture f;
  f.witness->never_again(LogName::message, 7, f.now);  // of nothing
  REQUIRE(f.cosigns(7, f.checkpoint(10)));
  f.witness->never_again(LogName::message, 6, f.now);
  REQUIRE(f.cosigns(7, f.checkpoint(10)));
  f.witness->never_again(LogName::message, 7, f.now);
  CHECK_FALSE(f.cosigns(7, f.checkpoint(10)));
  CHECK_FALSE(f.cosigns(7, f.checkpoint(11)));
  CHECK(f.cosigns(8, f.checkpoint(2)));
}
