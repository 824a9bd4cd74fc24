#include "audit/add_checkpoint.h"

#include <catch2/catch.hpp>

#include "audit/testing/entries.h"
#include "audit/tree.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

namespace {

struct Log {
  std::vector<Bytes> entries = numbered_entries(40);
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  std::vector<NoteKey> known{{"example.com/log", KeyKind::note, key.public_key()}};

  [[nodiscard]] Digest root(std::size_t size) const {
    return root_by_definition(std::span(entries).first(size));
  }
  [[nodiscard]] Witnessed at(std::size_t size) const { return {size, root(size)}; }
  [[nodiscard]] AddCheckpoint request(std::size_t from, std::size_t to) const {
    AddCheckpoint out;
    out.old_size = from;
    out.note = sign({"example.com/log", to, root(to)}, key).note;
    const auto subtrees = [this](unsigned height, std::uint64_t index) -> Result<Digest> {
      const auto width = std::size_t{1} << height;
      return root_by_definition(std::span(entries).subspan(index * width, width));
    };
    if (from > 0 && from < to) out.proof = prove_consistency(from, to, subtrees).value();
    return out;
  }
};

}  // namespace

TEST_CASE("the document's own request is read and written again octet by octet", "[audit]") {
  // c2sp.org/tlog-witness
  const std::string text =
      "old 20852014\n"
      "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
      "\n"
      "example.com/behind-the-sofa\n"
      "20852163\n"
      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
      "\n"
      "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
      "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
      "\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks"
      "+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
  const auto request = parse_add_checkpoint(text);
  REQUIRE(request);
  CHECK(request->old_size == 20852014);
  CHECK(request->proof.size() == 4);
  CHECK(request->note.signatures.size() == 2);
  CHECK(parse_checkpoint(request->note.text)->size == 20852163);
  CHECK(encode(*request) == text);
}

TEST_CASE("a request that has not the form is refused in a line that says why", "[audit]") {
  const Log log;
  const auto good = encode(log.request(7, 20));
  REQUIRE(parse_add_checkpoint(good));
  const auto says = [](const std::string& text, const std::string& part) {
    const auto read = parse_add_checkpoint(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().text.find(part) != std::string::npos);
    CHECK(read.error().text.find('\n') == std::string::npos);
  };
  says("", "no empty line");
  says("old 7", "no empty line");
  says("old 07" + good.substr(5), "old size");
  says("old -1" + good.substr(5), "old size");
  says("old 18446744073709551616" + good.substr(5), "old size");
  says("Old 7" + good.substr(5), "first line");
  says("old 7\nAAAA\n" + good.substr(6), "32 octets");
  says("old 7\n\n", "no blank line");
  says("old 7\n\n\n", "no");
  const auto hash = to_base64(Digest{}.view()) + '\n';
  std::string many = "old 7\n";
  for (int i = 0; i < 64; ++i)
    many += hash;
  says(many + good.substr(good.find("\n\n") + 1), "more than 63");
  says(good + std::string(add_checkpoint_bytes_max, 'x'), "over 68 KiB");
  says(good.substr(0, good.size() - 1), "no end");
}

TEST_CASE("a witness cosigns what continues what it cosigned, and nothing else", "[audit]") {
  const Log log;
  const auto answer = [&](const AddCheckpoint& request, std::optional<Witnessed> last) {
    return witness(request, log.known, last);
  };
  const auto is = [](const WitnessAnswer& answer, int status) {
    CHECK(answer.status == status);
    CHECK(answer.cosign.has_value() == (status == 200));
    if (status != 200) CHECK(std::count(answer.body.begin(), answer.body.end(), '\n') == 1);
  };
  is(answer(log.request(0, 7), {}), 200);
  is(answer(log.request(0, 0), {}), 200);
  is(answer(log.request(7, 20), log.at(7)), 200);
  is(answer(log.request(7, 7), log.at(7)), 200);
  is(answer(log.request(0, 9), log.at(0)), 200);

  SECTION("another old size is a conflict, and the answer has the right one") {
    const auto told = answer(log.request(5, 20), log.at(7));
    is(told, 409);
    CHECK(told.content_type == tree_size_type);
    CHECK(parse_tree_size(told.body).value() == 7);
    CHECK(parse_tree_size(answer(log.request(7, 20), {}).body).value() == 0);
    is(answer(log.request(0, 20), log.at(7)), 409);
    is(answer(log.request(3, 5), log.at(7)), 409);
  }
  SECTION("a log of another origin, or an unknown key, is not cosigned") {
    is(witness(log.request(0, 7), {}, {}), 404);
    auto forged = log.request(0, 7);
    forged.note = sign({"example.com/log", 7, log.root(7)}, crypto::Ed25519Key::generate()).note;
    is(answer(forged, {}), 403);
    forged = log.request(0, 7);
    forged.note.signatures.front().signature[0] ^= 1;
    is(answer(forged, {}), 403);
  }
  SECTION("another tree of the same size is a conflict") {
    auto fork = log.request(7, 7);
    fork.note = sign({"example.com/log", 7, log.root(8)}, log.key).note;
    is(answer(fork, log.at(7)), 409);
  }
  SECTION("what does not continue it is not processed") {
    auto fork = log.request(7, 20);
    fork.note = sign({"example.com/log", 20, log.root(21)}, log.key).note;
    is(answer(fork, log.at(7)), 422);
    fork = log.request(7, 20);
    fork.proof.pop_back();
    is(answer(fork, log.at(7)), 422);
    fork = log.request(0, 7);
    fork.proof.push_back(Digest{});
    is(answer(fork, {}), 422);
    fork = log.request(7, 7);
    fork.proof.push_back(Digest{});
    is(answer(fork, log.at(7)), 422);
    fork.note = sign({"example.com/log", 0, log.root(7)}, log.key).note;
    fork.old_size = 0;
    fork.proof.clear();
    is(answer(fork, {}), 422);
  }
  SECTION("an old size above the checkpoint's, and a text that is no checkpoint, are malformed") {
    auto bad = log.request(0, 7);
    bad.old_size = 8;
    is(answer(bad, log.at(8)), 400);
    bad.note.text = "example.com/log\nseven\n";
    is(answer(bad, {}), 400);
  }
}
