#include "auditor/verify.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "audit/tile.h"
#include "base/testing/temporary_directory.h"
#include "broker/program/export.h"
#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::auditor;
using namespace liaison::broker::testing;
namespace fs = std::filesystem;

namespace {

/// An exchange of two, which has carried some letters, and its export.
struct Exported : Two {
  explicit Exported(const char* name) : Two(name) {
    for (std::uint64_t number = 1; number <= 3; ++number)
      broker.send(1, leeds, std::vector<wire::Letter>{leeds.letter(able, number, broker.now.wall)});
    pass(std::chrono::seconds(2));
    REQUIRE(write("first") == "");
  }
  void pass(Duration time) {
    broker.turn();
    broker.now.wall += time;
    broker.now.steady += time;
    broker.turn();
  }
  std::string write(const std::string& name) {
    liaison::broker::ExportInPieces pieces(*broker.engine, root.path() / name);
    for (;;)
      if (const auto done = pieces.step()) return *done ? "" : done->error().text;
  }
  [[nodiscard]] fs::path first() const { return root.path() / "first"; }
  [[nodiscard]] Result<VerifiedExport> verify() const { return verify_export(first(), options); }

  liaison::testing::TemporaryDirectory root;
  VerifyOptions options;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an export of a broker's logs is verified with nothing else at hand", "[auditor]") {
  Exported exported("export-good");
  const auto verified = exported.verify();
  REQUIRE(verified);
  CHECK(verified->by_own_keys);
  REQUIRE(verified->logs.size() == 2);
  const auto& registry = verified->logs[0];
  const auto& message = verified->logs[1];
  CHECK(registry.name == "registry");
  CHECK(registry.kinds.at("authority") == 1);
  CHECK(registry.kinds.at("signing_certificate") == 2);
  CHECK(registry.kinds.at("sealing_certificate") == 2);
  CHECK(message.kinds == std::map<std::string, std::uint64_t>{{"accepted", 3}});
  CHECK(message.first == exported.broker.now.wall - std::chrono::seconds(2));
  CHECK(message.checked.checkpoint.origin == message.key.name);
  CHECK(message.key.key == exported.broker.config.log_key->public_key());
  // By the key that an auditor brings.
  exported.options.keys = {registry.key, message.key};
  CHECK_FALSE(exported.verify()->by_own_keys);
  exported.options.keys[1].key = crypto::Ed25519Key::generate().public_key();
  CHECK(says(exported.verify().error().text, "message log: the checkpoint"));
}

TEST_CASE("an export is the child of an older one, or is not", "[auditor]") {
  Exported exported("export-since");
  const auto older = exported.verify()->logs[1].checked.checkpoint;
  exported.broker.send(
      1, exported.leeds,
      std::vector<wire::Letter>{exported.leeds.letter(exported.able, 9, exported.broker.now.wall)});
  exported.pass(std::chrono::seconds(2));
  REQUIRE(exported.write("second").empty());
  VerifyOptions options;
  options.since = older;
  const auto second = exported.root.path() / "second";
  const auto verified = verify_export(second, options);
  REQUIRE(verified);
  CHECK(verified->logs[1].checked.checkpoint.size == older.size + 1);
  options.since = verified->logs[1].checked.checkpoint;
  CHECK(says(verify_export(exported.first(), options).error().text, "exported before"));
  options.since->origin += "7";
  CHECK(says(verify_export(second, options).error().text, "another exchange"));
  CHECK(says(exported.write("second"), "is there already"));
  CHECK_FALSE(fs::exists(exported.root.path() / "second.partial"));
}

TEST_CASE("each octet of an export that is turned is found, and the entry is named", "[auditor]") {
  Exported exported("export-turned");
  const auto bundle = exported.first() / "message/tile/entries/000.p/3";
  const auto entries = read(bundle);
  const auto each = entries.size() / 3;  // three alike
  std::size_t turned = 0;
  for (const auto& file : fs::recursive_directory_iterator(exported.first())) {
    const auto name = fs::relative(file.path(), exported.first()).string();
    // Copies for people, of what lies under registry/body.
    if (!file.is_regular_file() || name.starts_with("certificates")) continue;
    const auto content = read(file.path());
    const std::size_t step = says(name, "body") ? 101 : 1;
    for (std::size_t at = 0; at < content.size(); at += step) {
      auto other = content;
      other[at] = static_cast<char>(other[at] ^ 0x01);
      write(file.path(), other);
      const auto verified = exported.verify();
      INFO(name << " at " << at);
      REQUIRE_FALSE(verified);
      if (file.path() == bundle)
        CHECK(says(verified.error().text, "message log: entry " + std::to_string(at / each)));
      if (says(name, "body"))
        CHECK(says(verified.error().text,
                   "entry " + std::to_string(std::stoi(file.path().filename().string())) + ": "));
      ++turned;
    }
    write(file.path(), content);
  }
  CHECK(turned > 2000);
  CHECK(exported.verify());
}

TEST_CASE("an export is verified by any key that the logs had, and says when it was replaced",
          "[auditor]") {
  Exported exported("export-keys");
  auto before = exported.verify()->logs;
  const auto first = exported.broker.config.log_key->public_key();
  std::vector<crypto::Ed25519Key> keys;
  for (std::uint64_t number = 10; number <= 11; ++number) {
    keys.push_back(crypto::Ed25519Key::generate());
    REQUIRE(exported.broker.engine->change_log_key(keys.back(), "root", exported.broker.now));
    exported.broker.send(1, exported.leeds,
                         std::vector<wire::Letter>{exported.leeds.letter(
                             exported.able, number, exported.broker.now.wall)});
    exported.pass(std::chrono::seconds(2));
  }
  REQUIRE(exported.write("second").empty());
  const auto second = exported.root.path() / "second";
  const auto of_itself = verify_export(second, {});
  REQUIRE(of_itself);
  CHECK(of_itself->by_own_keys);
  VerifyOptions options;
  const auto name = before[0].key.name;
  for (const auto& known : {first, keys[0].public_key(), keys[1].public_key()}) {
    options.keys = {{name, audit::KeyKind::note, known}};
    options.since = before[1].checked.checkpoint;
    const auto verified = verify_export(second, options);
    REQUIRE(verified);
    CHECK(verified->logs[1].key.key == keys[1].public_key());
    REQUIRE(verified->key_changes.size() == 2);
    CHECK(verified->key_changes[0].change.former.octets == first.octets);
    CHECK(verified->key_changes[1].change.key.octets == keys[1].public_key().octets);
    CHECK(verified->logs[0].kinds.at("log_key") == 2);
  }
  options.keys = {{name, audit::KeyKind::note, crypto::Ed25519Key::generate().public_key()}};
  CHECK(says(verify_export(second, options).error().text, "no key"));
  options.keys = {{"liaison/other/registry/1", audit::KeyKind::note, first}};
  CHECK(says(verify_export(second, options).error().text, "no key"));

  // Each octet of a change that is turned is found, whoever is trusted.
  options.keys = {{name, audit::KeyKind::note, first}};
  const auto entry = of_itself->key_changes[0].entry;
  const auto path = second / "registry" / audit::body_path_of(entry);
  const auto body = read(path);
  for (std::size_t at = 0; at < body.size(); ++at) {
    auto other = body;
    other[at] = static_cast<char>(other[at] ^ 0x01);
    write(path, other);
    const auto verified = verify_export(second, options);
    REQUIRE_FALSE(verified);
    CHECK(says(verified.error().text, "entry " + std::to_string(entry) + ": "));
  }
  write(path, body);
  // What the former key has signed after it was replaced is not the log's.
  for (const auto& log : of_itself->logs) {
    const auto file = second / log.name / "checkpoint";
    const auto note = read(file);
    const auto text = audit::encode(log.checked.checkpoint);
    write(file,
          audit::encode(audit::Note{
              text, {audit::sign_note(text, log.key.name, *exported.broker.config.log_key)}}));
    CHECK(says(verify_export(second, options).error().text, log.name + " log: the checkpoint"));
    write(file, note);
  }
  CHECK(verify_export(second, options));
}

TEST_CASE("files of an export that are missing are named", "[auditor]") {
  Exported exported("export-missing");
  for (const char* name : {"keys", "message/checkpoint", "registry/body/002",
                           "message/tile/0/000.p/3", "message/tile/entries/000.p/3"}) {
    const auto path = exported.first() / name;
    const auto content = read(path);
    fs::remove(path);
    const auto verified = exported.verify();
    REQUIRE_FALSE(verified);
    CHECK(says(verified.error().text, fs::path(name).filename().string()));
    write(path, content);
  }
  CHECK(exported.verify());
}
