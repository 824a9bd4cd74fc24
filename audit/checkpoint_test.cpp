#include "audit/checkpoint.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

namespace {

// c2sp.org/tlog-checkpoint's own example; it names no key.
constexpr const char* behind_the_sofa =
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
constexpr const char* its_signature =
    "\n\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

}  // namespace

TEST_CASE("C2SP's example of a checkpoint is read and written alike", "[audit]") {
  const auto note = parse_note(std::string(behind_the_sofa) + its_signature);
  REQUIRE(note);
  CHECK(note->text == behind_the_sofa);
  CHECK(note->signatures[0].key_id == 0x033de0ae);
  const auto checkpoint = parse_checkpoint(note->text);
  REQUIRE(checkpoint);
  CHECK(checkpoint->origin == "example.com/behind-the-sofa");
  CHECK(checkpoint->size == 20852163);
  CHECK(checkpoint->root.text() ==
        "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
  CHECK(encode(*checkpoint) == behind_the_sofa);
}

TEST_CASE("a checkpoint is opened by its own log's key only", "[audit]") {
  const auto key = crypto::Ed25519Key::generate();
  const Checkpoint checkpoint{"example.com/log", 7, *parse_hash(std::string(43, 'A') + "=")};
  const auto made = sign(checkpoint, key);
  const auto text = encode(made.note);
  const std::vector<NoteKey> known{{"example.com/log", KeyKind::note, key.public_key()}};
  const auto opened = open_checkpoint(text, known);
  REQUIRE(opened);
  CHECK(*opened == made);
  // Trusted for another log: it may not speak for this one.
  const std::vector<NoteKey> elsewhere{{"example.com/other", KeyKind::note, key.public_key()}};
  CHECK(open_checkpoint(text, elsewhere).error().reason == Reason::untrusted);
  auto posing = made.note;
  posing.signatures = {sign_note(posing.text, "example.com/other", key)};
  const std::vector<NoteKey> both{
      elsewhere[0],
      {"example.com/log", KeyKind::note, crypto::Ed25519Key::generate().public_key()}};
  CHECK(open_checkpoint(encode(posing), both).error().reason == Reason::untrusted);
}

TEST_CASE("what is no checkpoint is not read as one", "[audit]") {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  REQUIRE(parse_checkpoint("o\n0\n" + root));
  REQUIRE(parse_checkpoint("o\n18446744073709551615\n" + root));
  for (const auto& wrong : std::vector<std::string>{
           std::string(), std::string("o\n"), "o\n7\n" + root.substr(0, 44), "\n7\n" + root,
           "o o\n7\n" + root, "o\n07\n" + root, "o\n-7\n" + root, "o\n+7\n" + root, "o\n\n" + root,
           "o\n7 \n" + root, "o\n18446744073709551616\n" + root, "o\n7\n" + root + "more\n",
           "o\n7\n" + root.substr(1), std::string("o\n7\nAAAA\n")}) {
    INFO(wrong);
    CHECK(parse_checkpoint(wrong).error().reason == Reason::malformed);
  }
}
