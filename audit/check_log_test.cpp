#include "audit/check_log.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "audit/testing/entries.h"
#include "audit/tile_edge.h"
#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;
namespace fs = std::filesystem;

namespace {

Bytes read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, std::string_view octets) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

/// A log in a directory, as it is exported.
struct Log {
  explicit Log(std::size_t size) : entries(numbered_entries(size)) {
    TileEdge edge;
    for (const auto& entry : entries)
      for (const auto& filled : edge.append(leaf_hash(entry)))
        put(filled);
    for (const auto& filled : edge.partial())
      put(filled);
    for (std::size_t at = 0; at < size; at += tile_width) {
      const auto width = std::min<std::size_t>(tile_width, size - at);
      const auto some = std::span(entries).subspan(at, width);
      write(root.path() / entries_path_of(at / tile_width, static_cast<unsigned>(width)),
            as_text(encode_bundle({some.begin(), some.end()})));
    }
    note = sign(at_size(size), key).note;
    note.signatures.push_back(cosign(note.text, "witness", witness, 1'700'000'000));
    write_note();
    options.logs = {{"example.com/log", KeyKind::note, key.public_key()}};
    options.witnesses = {{"witness", KeyKind::cosignature, witness.public_key()}};
  }
  void put(const TileEdge::Filled& filled) {
    write(root.path() / path_of(filled.tile), as_text(encode_tile(filled.hashes)));
  }
  void write_note() { write(root.path() / "checkpoint", encode(note)); }
  [[nodiscard]] Checkpoint at_size(std::size_t size) const {
    return {"example.com/log", size, root_by_definition(std::span(entries).first(size))};
  }
  [[nodiscard]] Result<CheckedLog> check() const { return check_log(root.path(), options); }
  /// Why it does not hold with that octet of a file turned; empty: it holds.
  [[nodiscard]] std::string with_turned(const std::string& name, std::size_t at) const {
    const auto octets = read(root.path() / name);
    auto turned = octets;
    turned.at(at) ^= 0x20;
    write(root.path() / name, as_text(turned));
    const auto checked = check();
    write(root.path() / name, as_text(octets));
    return checked ? "" : checked.error().text;
  }

  liaison::testing::TemporaryDirectory root;
  std::vector<Bytes> entries;
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  crypto::Ed25519Key witness = crypto::Ed25519Key::generate();
  Note note;
  CheckOptions options;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a log as it was written is checked whole, entry by entry", "[audit]") {
  const auto size = GENERATE(0, 1, 2, 255, 256, 257, 700);
  Log log(static_cast<std::size_t>(size));
  std::size_t told = 0;
  log.options.each = [&](std::uint64_t index, ByteView entry) -> Result<void> {
    CHECK(index == told);
    CHECK(equal(entry, log.entries.at(told++)));
    return {};
  };
  std::uint64_t done = 0;
  log.options.progress = [&](std::uint64_t so_far, std::uint64_t of) {
    CHECK(so_far > done);
    CHECK(of == static_cast<std::uint64_t>(size));
    done = so_far;
  };
  const auto checked = log.check();
  REQUIRE(checked);
  CHECK(checked->checkpoint == log.at_size(log.entries.size()));
  CHECK(checked->cosignatures == std::vector<Cosignature>{{"witness", 1'700'000'000}});
  CHECK(told == log.entries.size());
  CHECK(done == log.entries.size());
}

TEST_CASE("each octet that is turned in a small export is found, and its entry named", "[audit]") {
  Log log(7);
  const auto& entries = log.entries;
  const std::string bundle = "tile/entries/000.p/7";
  std::size_t at = 0;
  for (std::size_t index = 0; index < entries.size(); ++index)
    for (std::size_t octet = 0; octet < entries[index].size() + 2; ++octet) {
      const auto said = log.with_turned(bundle, at++);
      INFO(said << ", octet " << octet);
      CHECK(says(said, "entry " + std::to_string(index)));
      CHECK_FALSE(says(said, "tile of entry"));
    }
  REQUIRE(at == read(log.root.path() / bundle).size());
  for (at = 0; at < entries.size() * Digest::size; ++at) {
    const auto said = log.with_turned("tile/0/000.p/7", at);
    CHECK(says(said, "the tile of entry " + std::to_string(at / Digest::size) + " was altered"));
  }
  for (at = 0; at < encode(log.note).size(); ++at) {
    const auto said = log.with_turned("checkpoint", at);
    INFO(at);
    // A cosignature whose line names another key is a stranger's.
    if (said.empty())
      CHECK(at >= encode(log.note).find("witness"));
    else
      CHECK(says(said, "checkpoint"));
  }
  CHECK(log.check());
}

TEST_CASE("an octet that is turned in a full tile is found, also above it", "[audit]") {
  Log log(600);
  for (std::size_t at = 5; at < tile_width * Digest::size; at += 997)
    CHECK(says(log.with_turned("tile/0/000", at),
               "the tile of entry " + std::to_string(at / Digest::size) + " was altered"));
  CHECK(says(log.with_turned("tile/1/000.p/2", 3), "entries 0 to 255"));
  CHECK(says(log.with_turned("tile/1/000.p/2", 33), "entries 256 to 511"));
  CHECK(says(log.with_turned("tile/entries/001", 4), "entry 256 is not the one"));
  CHECK(says(log.with_turned("tile/entries/002.p/88", 4), "entry 512 is not the one"));
}

TEST_CASE("what is wrong below a full tile of a higher level is told as what it is", "[audit]") {
  Log log(65'700);
  CHECK(log.check());
  CHECK(says(log.with_turned("tile/0/003", std::size_t{5} * Digest::size),
             "the tile of entry 773 was altered"));
  CHECK(says(log.with_turned("tile/entries/003", 4), "entry 768 is not the one"));
  CHECK(says(log.with_turned("tile/1/000", 33), "entries 256 to 511"));
  CHECK(says(log.with_turned("tile/2/000.p/1", 3), "entries 0 to 65535"));
}

TEST_CASE("where several things were altered, what the log signed tells which", "[audit]") {
  Log log(1000);
  const auto turn = [&](const std::string& name, std::size_t at) {
    auto octets = read(log.root.path() / name);
    octets.at(at) ^= 0x20;
    write(log.root.path() / name, as_text(octets));
  };
  const auto turn_entry = [&](std::size_t index) {
    auto entries = std::vector(log.entries.begin() + 256, log.entries.begin() + 512);
    entries.at(index - 256).back() ^= 0x20;
    write(log.root.path() / "tile/entries/001", as_text(encode_bundle(entries)));
  };
  const auto said = [&] { return log.check().error().text; };
  turn_entry(281);
  SECTION("an entry and the hash of a later one") {
    turn("tile/0/002", std::size_t{600 - 512} * Digest::size);
    CHECK(says(said(), "entry 281 is not the one that the log signed"));
  }
  SECTION("an entry and the hash of an earlier one") {
    turn("tile/0/000", std::size_t{10} * Digest::size);
    CHECK(says(said(), "the tile of entry 10 was altered"));
    CHECK(says(said(), "of that tile are those that the log signed"));
  }
  SECTION("an entry and its own hash") {
    auto tile = parse_tile(read(log.root.path() / "tile/0/001"), tile_width).value();
    auto entry = log.entries[281];
    entry.back() ^= 0x20;
    tile[281 - 256] = leaf_hash(entry);
    write(log.root.path() / "tile/0/001", as_text(encode_tile(tile)));
    CHECK(says(said(), "entries 256 to 511 are not those that the log signed"));
    turn("tile/0/000", 3);
    CHECK(says(said(), "the tile of entry 0 was altered"));
  }
  SECTION("an entry and a hash of its own tile that is not its own") {
    turn("tile/0/001", 3);
    CHECK(says(said(), "entries 256 to 511 are not those that the log signed"));
  }
  SECTION("an entry and the log's edge") {
    turn("tile/1/000.p/3", 3);
    CHECK(says(said(), "which of the two it is cannot be told"));
  }
}

TEST_CASE("what was altered together with its tiles is not what the log signed", "[audit]") {
  Log log(300);
  Log other(300);
  other.entries[37].push_back('!');
  TileEdge edge;
  for (const auto& entry : other.entries)
    for (const auto& filled : edge.append(leaf_hash(entry)))
      log.put(filled);
  for (const auto& filled : edge.partial())
    log.put(filled);
  const auto some = std::span(other.entries).first(tile_width);
  write(log.root.path() / "tile/entries/000", as_text(encode_bundle({some.begin(), some.end()})));
  CHECK(says(log.check().error().text, "they were altered together"));
  // Whoever has an older checkpoint knows whether it was before that.
  log.options.since = log.at_size(37);
  CHECK(says(log.check().error().text, "they were altered together"));
  log.options.since = log.at_size(38);
  CHECK(says(log.check().error().text, "its first 38 entries"));
}

TEST_CASE("a log is told apart from another's, an older and a shorter one", "[audit]") {
  Log log(20);
  log.options.since = log.at_size(20);
  CHECK(log.check());
  log.options.since = log.at_size(3);
  CHECK(log.check());
  log.options.since->root = empty_root();
  CHECK(log.check().error().reason == Reason::conflict);
  log.options.since = log.at_size(20);
  log.options.since->size = 21;
  CHECK(says(log.check().error().text, "exported before, or cut short"));
  log.options.since = log.at_size(3);
  log.options.since->origin = "example.com/other";
  CHECK(says(log.check().error().text, "another exchange's"));
}

TEST_CASE("files that are missing, cut or too long are named", "[audit]") {
  Log log(300);
  const auto path = log.root.path() / "tile/entries/001.p/44";
  const auto octets = read(path);
  write(path, as_text(octets).substr(0, octets.size() - 1));
  CHECK(says(log.check().error().text, "entry 299 cannot be read"));
  write(path, std::string(as_text(octets)) + "more");
  CHECK(says(log.check().error().text, "4 octets lie behind entry 299"));
  fs::remove(path);
  CHECK(log.check().error().reason == Reason::not_found);
  write(path, as_text(octets));
  const auto tile = log.root.path() / "tile/0/000";
  fs::resize_file(tile, 100);
  CHECK(says(log.check().error().text, "the tile of entries 0 to 255"));
  fs::resize_file(tile, 1 << 20);
  CHECK(log.check().error().reason == Reason::too_large);
}

TEST_CASE("whoever reads the entries may end the check", "[audit]") {
  Log log(20);
  log.options.each = [](std::uint64_t index, ByteView) -> Result<void> {
    if (index == 4) return fail(Reason::malformed, "entry 4 makes no sense");
    return {};
  };
  CHECK(log.check().error().text == "entry 4 makes no sense");
}
