#include "audit/note.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

namespace {

// The key and the note that the format's first implementation documents (golang.org/x/mod, sumdb).
constexpr const char* peters_key =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* peters_note =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

// c2sp.org/signed-note's own example; it names no key.
constexpr const char* quasimodos_note =
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n"
    "\n"
    "ed \u00e8 subito sera.\n"
    "\n"
    "\u2014 quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/"
    "5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

NoteKey key_of(const std::string& name, const crypto::Ed25519Key& key) {
  return {name, KeyKind::note, key.public_key()};
}

Note signed_by(const std::string& name, const crypto::Ed25519Key& key) {
  return {"a text\n", {sign_note("a text\n", name, key)}};
}

bool is_malformed(std::string_view text) {
  const auto note = parse_note(text);
  return !note && note.error().reason == Reason::malformed;
}

}  // namespace

TEST_CASE("a note that another implementation signed verifies", "[audit]") {
  const auto key = parse_note_key(peters_key);
  REQUIRE(key);
  CHECK(key->name == "PeterNeumann");
  CHECK(key->id() == 0xc74f20a3);
  CHECK(encode(*key) == peters_key);
  const auto note = parse_note(peters_note);
  REQUIRE(note);
  CHECK(encode(*note) == peters_note);
  CHECK(verify_note(*note, std::span(&*key, 1)));
  auto other = *note;
  other.text[3] ^= 1;
  CHECK(verify_note(other, std::span(&*key, 1)).error().reason == Reason::untrusted);
}

TEST_CASE("C2SP's example of a note verifies by its key", "[audit]") {
  const auto key =
      parse_note_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  REQUIRE(key);
  const auto note = parse_note(
      "This is an example message.\n\n\u2014 example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72"
      "IneyaQM=\n");
  REQUIRE(note);
  CHECK(verify_note(*note, std::span(&*key, 1)));
}

TEST_CASE("the text of a note may have blank lines", "[audit]") {
  const auto note = parse_note(quasimodos_note);
  REQUIRE(note);
  CHECK(note->text ==
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n"
        "ed \u00e8 subito sera.\n");
  REQUIRE(note->signatures.size() == 1);
  CHECK(note->signatures[0].name == "quasimodo.example/salvatore");
  CHECK(note->signatures[0].key_id == 0x367ba04b);
  CHECK(note->signatures[0].signature.size() == 64);
  CHECK(encode(*note) == quasimodos_note);
}

TEST_CASE("a known key must verify, an unknown one says nothing", "[audit]") {
  const auto log = crypto::Ed25519Key::generate();
  const auto other = crypto::Ed25519Key::generate();
  const std::vector<NoteKey> known{key_of("example.com/log", log)};
  auto note = signed_by("example.com/log", log);
  CHECK(verify_note(note, known));
  note.signatures.push_back(sign_note("a text\n", "example.com/other", other));
  note.signatures.push_back(sign_note("another text\n", "example.com/log", other));
  CHECK(verify_note(note, known));  // another key of the same name
  auto forged = sign_note("another text\n", "example.com/log", log);
  SECTION("a line of the known key that does not verify, after one that does") {
    note.signatures.push_back(forged);
    CHECK(verify_note(note, known).error().reason == Reason::untrusted);
  }
  SECTION("no line of a known key") {
    note.signatures.erase(note.signatures.begin());
    CHECK(verify_note(note, known).error().reason == Reason::untrusted);
    CHECK(verify_note(note, {}).error().reason == Reason::untrusted);
  }
  SECTION("the same key as a witness's is another") {
    const std::vector<NoteKey> witness{{"example.com/log", KeyKind::cosignature, log.public_key()}};
    CHECK(witness[0].id() != known[0].id());
    CHECK(verify_note(note, witness).error().reason == Reason::untrusted);
  }
}

TEST_CASE("what is no note is not read as one", "[audit]") {
  const std::string line = quasimodos_note + std::string_view(quasimodos_note).rfind("\u2014");
  REQUIRE(parse_note("a\n\n" + line));
  CHECK(is_malformed(""));
  CHECK(is_malformed("a\n\n"));
  CHECK(is_malformed("a\n" + line));
  CHECK(is_malformed("a\n\n" + line.substr(0, line.size() - 1)));
  CHECK(is_malformed("a\n\n" + line + "- not a signature\n"));
  CHECK(is_malformed("a\n\n\u2014 name AAAAAA==\n"));  // an id and nothing signed
  CHECK(is_malformed("a\n\n\u2014 name\n"));
  CHECK(is_malformed("a\n\n\u2014 na+me AAAAAAA=\n"));
  CHECK(is_malformed("a\n\n\u2014  AAAAAAA=\n"));
  CHECK(is_malformed("a\r\n\n" + line));
  CHECK(is_malformed("\xff\n\n" + line));
  std::string many = "a\n\n";
  for (std::size_t i = 0; i <= note_signatures_max; ++i)
    many += line;
  CHECK(parse_note(many).error().reason == Reason::too_large);
  CHECK(parse_note(std::string(note_bytes_max, 'a') + "\n\n" + line).error().reason ==
        Reason::too_large);
}

TEST_CASE("names of keys have no spaces that one does not see", "[audit]") {
  CHECK(is_key_name("example.com/log-2026"));
  CHECK(is_key_name("\u00e8"));
  for (const char* wrong : {"", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2003", "\u3000a", "a\xff"})
    CHECK_FALSE(is_key_name(wrong));
}

TEST_CASE("a key whose id is another's is not read", "[audit]") {
  const std::string key = peters_key;
  for (const std::string& wrong :
       {key.substr(0, 40), "Paul" + key.substr(5), "PeterNeumann+c74f20a4" + key.substr(21),
        std::string("PeterNeumann"), std::string("a+b+c"), key + "AAAA"})
    CHECK_FALSE(parse_note_key(wrong));
}
