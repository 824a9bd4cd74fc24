#include "audit/proof_file.h"

#include <catch2/catch.hpp>

#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

namespace {

struct Log {
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  std::vector<NoteKey> keys{{"example.com/log", KeyKind::note, key.public_key()}};
  std::vector<Bytes> entries = numbered_entries(21);

  [[nodiscard]] ProofFile proof(std::uint64_t index) const {
    const Checkpoint checkpoint{"example.com/log", entries.size(), root_by_definition(entries)};
    return {std::nullopt, index,
            prove_inclusion(index, entries.size(), subtrees_of(entries)).value(),
            sign(checkpoint, key).note};
  }
};

}  // namespace

TEST_CASE("a proof in a file is checked by whoever knows the log's key", "[audit]") {
  const Log log;
  auto proof = log.proof(13);
  SECTION("bare") {}
  SECTION("with what nobody vouches for") {
    proof.extra = Bytes{1, 2, 3};
  }
  SECTION("of an entry alone in its log") {
    proof.hashes.clear();
    proof.index = 0;
    proof.checkpoint = sign({"example.com/log", 1, leaf_hash(log.entries[13])}, log.key).note;
  }
  const auto text = encode(proof);
  const auto read = parse_proof_file(text);
  REQUIRE(read);
  CHECK(*read == proof);
  CHECK(encode(*read) == text);
  CHECK(check(*read, log.entries[13], log.keys));
  CHECK(check(*read, log.entries[12], log.keys).error().reason == Reason::untrusted);
  CHECK(check(*read, log.entries[13], {}).error().reason == Reason::untrusted);
}

TEST_CASE("what is no proof is not read as one", "[audit]") {
  const Log log;
  const auto text = encode(log.proof(3));
  for (std::size_t end = 0; end < text.size(); ++end)
    CHECK_FALSE(parse_proof_file(text.substr(0, end)));
  const auto index = text.find("index 3");
  const auto with = [&](std::string_view instead) {
    return text.substr(0, index) + std::string(instead) + text.substr(index + 7);
  };
  REQUIRE(parse_proof_file(with("index 3")));
  for (const char* wrong : {"index 03", "index", "index -3", "extra !\nindex 3", "index 3\nAAAA",
                            "extra \nextra \nindex 3"})
    CHECK_FALSE(parse_proof_file(with(wrong)));
  auto long_one = log.proof(3);
  long_one.hashes.resize(65);
  CHECK_FALSE(parse_proof_file(encode(long_one)));
}
