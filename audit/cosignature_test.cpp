#include "audit/cosignature.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

namespace {

struct Witnessed {
  crypto::Ed25519Key log = crypto::Ed25519Key::generate();
  crypto::Ed25519Key leeds = crypto::Ed25519Key::generate();
  crypto::Ed25519Key york = crypto::Ed25519Key::generate();
  std::vector<NoteKey> witnesses{{"jcp-leeds", KeyKind::cosignature, leeds.public_key()},
                                 {"jcp-york", KeyKind::cosignature, york.public_key()}};
  Note note = sign(Checkpoint{"example.com/log", 7, Digest{}}, log).note;

  void add(const std::string& name, const crypto::Ed25519Key& key, std::uint64_t at) {
    note.signatures.push_back(cosign(note.text, name, key, at));
  }
};

}  // namespace

TEST_CASE("a cosignature says who saw the checkpoint, and when", "[audit]") {
  Witnessed world;
  CHECK(cosignatures(world.note, world.witnesses) == std::vector<Cosignature>{});
  world.add("jcp-leeds", world.leeds, 1679315147);
  world.add("jcp-york", world.york, 1679315150);
  world.add("jcp-leeds", world.leeds, 1679315149);
  world.add("stranger", crypto::Ed25519Key::generate(), 1);
  const auto read = parse_note(encode(world.note));
  REQUIRE(read);
  CHECK(cosignatures(*read, world.witnesses) ==
        std::vector<Cosignature>{{"jcp-leeds", 1679315149}, {"jcp-york", 1679315150}});
  const std::vector<NoteKey> logs{{"example.com/log", KeyKind::note, world.log.public_key()}};
  CHECK(verify_note(*read, logs));
}

TEST_CASE("C2SP's example of a cosignature has its time first", "[audit]") {
  const auto lines = parse_signatures(
      "\u2014 witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
      "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n");
  REQUIRE(lines);
  const auto made =
      cosign("a\n", "witness.example.com/w1", crypto::Ed25519Key::generate(), 1679315147);
  REQUIRE(made.signature.size() == lines->front().signature.size());
  CHECK(equal(ByteView(made.signature).first(8), ByteView(lines->front().signature).first(8)));
}

TEST_CASE("a known witness's line that does not verify spoils the note", "[audit]") {
  Witnessed world;
  world.add("jcp-leeds", world.leeds, 100);
  auto line = cosign(world.note.text, "jcp-york", world.york, 100);
  SECTION("another time") {
    line.signature[7] ^= 1;
  }
  SECTION("another signature") {
    line.signature[30] ^= 1;
  }
  SECTION("cut short") {
    line.signature.pop_back();
  }
  SECTION("a time that has no place in 63 bits") {
    line = cosign(world.note.text, "jcp-york", world.york, std::uint64_t{1} << 63);
  }
  SECTION("of another checkpoint") {
    line = cosign("example.com/log\n8\n", "jcp-york", world.york, 100);
  }
  world.note.signatures.push_back(line);
  CHECK(cosignatures(world.note, world.witnesses).error().reason == Reason::untrusted);
  CHECK(cosignatures(world.note, std::span(world.witnesses).first(1))->size() == 1);
}
