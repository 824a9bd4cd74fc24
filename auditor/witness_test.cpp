#include "auditor/witness.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "audit/cosignature.h"
#include "audit/testing/entries.h"
#include "audit/tree.h"
#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::auditor;
using namespace liaison::audit::testing;
namespace fs = std::filesystem;

namespace {

const std::string origin = "liaison/0123456789abcdef/message/1";

struct Fixture {
  liaison::testing::TemporaryDirectory directory;
  fs::path file = directory.path() / "state";
  std::vector<Bytes> entries = numbered_entries(40);
  crypto::Ed25519Key log = crypto::Ed25519Key::generate();
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  audit::NoteKey known{"witness.example/w", audit::KeyKind::cosignature, key.public_key()};
  std::optional<Witness> witness;

  Fixture() { begin(WitnessState::create(file)); }
  void begin(WitnessState state) {
    witness.emplace(WatchedLogs({{origin, audit::KeyKind::note, log.public_key()}}),
                    std::move(state), known.name, key);
  }
  void restart() { begin(WitnessState::open(file).value()); }

  [[nodiscard]] std::string request(std::size_t from, std::size_t to,
                                    const std::string& name = origin, bool forked = false) const {
    auto all = entries;
    if (forked) all.front().push_back('!');
    audit::AddCheckpoint out;
    out.old_size = from;
    out.note = audit::sign({name, to, root_by_definition(std::span(all).first(to))}, log).note;
    const auto subtrees = [&](unsigned height, std::uint64_t index) -> Result<Digest> {
      const auto width = std::size_t{1} << height;
      return root_by_definition(std::span(all).subspan(index * width, width));
    };
    if (from > 0 && from < to) out.proof = audit::prove_consistency(from, to, subtrees).value();
    return audit::encode(out);
  }
  int asked(const std::string& body) {
    const auto answer = witness->answer(body, from_ms(1'800'000'000'000));
    if (answer.status == 200) {
      const auto text = audit::parse_add_checkpoint(body)->note.text;
      const audit::Note note{text, audit::parse_signatures(answer.body).value()};
      CHECK(audit::cosignatures(note, std::span(&known, 1)).value() ==
            std::vector<audit::Cosignature>{{known.name, 1'800'000'000}});
    } else {
      CHECK(answer.body.find("\u2014") == std::string::npos);
    }
    return answer.status;
  }
};

void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace

TEST_CASE("a witness goes on after a restart from what it cosigned", "[auditor]") {
  Fixture f;
  CHECK(f.asked(f.request(0, 7)) == 200);
  f.restart();
  CHECK(f.asked(f.request(0, 20)) == 409);
  CHECK(f.asked(f.request(7, 20)) == 200);
  f.restart();
  CHECK(f.asked(f.request(7, 20)) == 409);
  CHECK(f.asked(f.request(20, 20)) == 200);
  CHECK(WitnessState::open(f.file)->of(origin)->size == 20);
}

TEST_CASE("a fork is not cosigned, and nothing of what was cosigned is given up", "[auditor]") {
  Fixture f;
  REQUIRE(f.asked(f.request(0, 7)) == 200);
  const auto before = WitnessState::open(f.file)->all();
  CHECK(f.asked(f.request(7, 20, origin, true)) == 422);
  CHECK(f.asked(f.request(7, 7, origin, true)) == 409);
  CHECK(f.asked(f.request(0, 20, origin, true)) == 409);
  CHECK(WitnessState::open(f.file)->all() == before);
  CHECK(f.asked(f.request(7, 20)) == 200);
}

TEST_CASE("a log after a restore is begun anew by the same key, and another log is unknown",
          "[auditor]") {
  Fixture f;
  REQUIRE(f.asked(f.request(0, 7)) == 200);
  CHECK(f.asked(f.request(0, 5, "liaison/0123456789abcdef/message/2")) == 200);
  CHECK(f.asked(f.request(7, 9)) == 200);
  for (const char* other :
       {"liaison/0123456789abcdef/registry/1", "liaison/0123456789abcdee/message/1",
        "liaison/0123456789abcdef/message/x", "example.com/log"})
    CHECK(f.asked(f.request(0, 5, other)) == 404);
}

TEST_CASE("a request that is none is answered in one line", "[auditor]") {
  Fixture f;
  for (const char* body : {"", "old 0\n\n", "old 0\n\nx\n\n\u2014 x AAAAAAAA\n", "\xff\xfe"}) {
    const auto answer = f.witness->answer(body, {});
    CHECK(answer.status == 400);
    CHECK(std::count(answer.body.begin(), answer.body.end(), '\n') == 1);
  }
}

TEST_CASE("a witness whose state is lost or damaged signs nothing more", "[auditor]") {
  Fixture f;
  REQUIRE(f.asked(f.request(0, 7)) == 200);
  std::ifstream in(f.file);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  for (const auto& bad : {std::string(), good.substr(1), good.substr(0, good.size() - 1),
                          good + "7 x y\n", good + "nothing\n"}) {
    write(f.file, bad);
    const auto opened = WitnessState::open(f.file);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text.find("another key") != std::string::npos);
  }
  fs::remove(f.file);
  CHECK_FALSE(WitnessState::open(f.file));
}

TEST_CASE("what cannot be kept is not cosigned", "[auditor]") {
  Fixture f;
  REQUIRE(f.asked(f.request(0, 7)) == 200);
  fs::remove_all(f.directory.path());
  CHECK_THROWS(f.witness->answer(f.request(7, 20), {}));
  fs::create_directories(f.directory.path());
  CHECK(f.asked(f.request(7, 9)) == 200);
}

TEST_CASE("the logs that are watched are named by their keys, a line each", "[auditor]") {
  liaison::testing::TemporaryDirectory directory;
  const auto file = directory.path() / "logs";
  CHECK(WatchedLogs::read(file).error().text.find("put the keys") != std::string::npos);
  const audit::NoteKey key{origin, audit::KeyKind::note,
                           crypto::Ed25519Key::generate().public_key()};
  write(file, "# ours\n\n" + audit::encode(key) + "\n");
  CHECK(WatchedLogs::read(file)->keys() == std::vector{key});
  CHECK(WatchedLogs::read(file)->of(origin) == std::vector{key});
  write(file, "# none\n");
  CHECK_FALSE(WatchedLogs::read(file));
  auto witness = key;
  witness.kind = audit::KeyKind::cosignature;
  write(file, audit::encode(key) + "\n" + audit::encode(witness) + "\n");
  CHECK(WatchedLogs::read(file).error().text.find("line 2") != std::string::npos);
}
