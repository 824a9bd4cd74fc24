#include "auditor/verify.h"

#include <sys/stat.h>

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
  /// A node cosigns the newest checkpoints.
  void cosign(std::uint64_t connection, const Peer& peer) {
    broker.send(connection, peer, wire::Prove{1, 0, {}, {}, {}});
    broker.turn();
    const auto shown = broker.heard<wire::Proofs>(connection);
    REQUIRE(shown.size() == 1);
    REQUIRE(shown.front().cosign);
    broker.send(connection, peer,
                peer.cosigned(shown.front(), broker.authority.certificate().fingerprint(),
                              broker.now.wall));
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

TEST_CASE("an export shows which nodes cosigned which beginning of a log, by their certificates",
          "[auditor]") {
  Exported exported("export-cosigned");
  auto& [broker, leeds, able] = static_cast<Two&>(exported);
  exported.cosign(2, able);
  broker.send(1, leeds, std::vector<wire::Letter>{leeds.letter(able, 9, broker.now.wall)});
  exported.pass(std::chrono::seconds(2));
  exported.cosign(1, leeds);
  const auto at = static_cast<std::uint64_t>(to_ms(broker.now.wall) / 1000);
  REQUIRE(exported.write("cosigned").empty());
  const auto directory = exported.root.path() / "cosigned";
  const auto verified = verify_export(directory, {});
  REQUIRE(verified);
  const auto& message = verified->logs[1];
  CHECK(message.checked.checkpoint.size == 4);
  const auto key_of = [&](const Peer& peer) {
    const auto authority = exported.broker.authority.certificate().fingerprint();
    return audit::NoteKey{wire::witness_name_of(peer.id, authority), audit::KeyKind::cosignature,
                          peer.witness.public_key()};
  };
  const auto a = key_of(able);
  const auto l = key_of(leeds);
  const std::vector<Vouched> expected{{a, "Organisation of able-futures", at - 2, 3, ""},
                                      {l, "Organisation of jcp-leeds", at, 4, ""}};
  CHECK(message.witnesses == expected);
  CHECK(verified->logs[0].witnesses.size() == 2);
  CHECK(message.vouched_by(1) == 4);
  CHECK(message.vouched_by(2) == 3);
  CHECK(message.vouched_by(3) == 0);
  VerifyOptions options;
  options.witnesses_min = 2;
  CHECK(verify_export(directory, options));
  options.witnesses_min = 3;
  CHECK(says(verify_export(directory, options).error().text,
             "registry log: 2 of the witnesses that are known cosigned it, and 3 are demanded"));

  const auto older = directory / "message/cosigned/3";
  const auto note = read(older);
  SECTION("a wrong line of a known key is refused, and one of an unknown key passed over") {
    auto parsed = audit::parse_note(note).value();
    parsed.signatures.back().signature[20] ^= 1;
    write(older, audit::encode(parsed));
    CHECK(says(verify_export(directory, {}).error().text,
               "message log: the checkpoint of 3 entries: the cosignature of " + a.name));
    parsed.signatures.back().name += "x";
    write(older, audit::encode(parsed));
    CHECK(verify_export(directory, {}).value().logs[1].witnesses.size() == 1);
  }
  SECTION("two checkpoints of one size that the log signed convict it") {
    auto checkpoint = audit::parse_checkpoint(audit::parse_note(note)->text).value();
    checkpoint.root.octets[0] ^= 1;
    write(older, audit::encode(audit::sign(checkpoint, *broker.config.log_key).note));
    CHECK(says(verify_export(directory, {}).error().text, "the log was rewritten: its first 3"));
  }
  SECTION("an older checkpoint is of its size, of this log, and signed") {
    write(directory / "message/cosigned/2", note);
    CHECK(says(verify_export(directory, {}).error().text, "cosigned/2 is of 3 entries"));
    fs::remove(directory / "message/cosigned/2");
    write(older, read(directory / "registry/checkpoint"));
    CHECK_FALSE(verify_export(directory, {}));
    write(older, "nothing");
    CHECK_FALSE(verify_export(directory, {}));
  }
  SECTION("a witness that the auditor names counts, and no other's key does") {
    const auto outside = crypto::Ed25519Key::generate();
    auto parsed = audit::parse_note(note).value();
    parsed.signatures.push_back(audit::cosign(parsed.text, "witness.example/w", outside, 42));
    write(older, audit::encode(parsed));
    CHECK(verify_export(directory, {}).value().logs[1].witnesses.size() == 2);
    options.witnesses = {{"witness.example/w", audit::KeyKind::cosignature, outside.public_key()}};
    options.witnesses_min = 0;
    const auto said = verify_export(directory, options).value().logs[1].witnesses;
    CHECK(said.back() == Vouched{options.witnesses.front(), "", 42, 3, ""});
  }
}

TEST_CASE("who was revoked does not vouch for what came after", "[auditor]") {
  Exported exported("export-cosigned-revoked");
  exported.cosign(2, exported.able);
  REQUIRE(exported.broker.engine->revoke(exported.able.id, "keys lost",
                                         exported.broker.now.wall - std::chrono::seconds(5), "root",
                                         exported.broker.now));
  exported.pass(std::chrono::seconds(2));
  REQUIRE(exported.write("revoked").empty());
  const auto verified = verify_export(exported.root.path() / "revoked", {});
  REQUIRE(verified);
  REQUIRE(verified->logs[1].witnesses.size() == 1);
  CHECK(verified->logs[1].witnesses.front().but == "its certificate was revoked before");
  CHECK(verified->logs[1].vouched_by(1) == 0);
}

TEST_CASE("logs of two exchanges make no export, though each holds", "[auditor]") {
  Exported one("export-mixed-one");
  Exported other("export-mixed-other");
  fs::remove_all(one.first() / "message");
  fs::copy(other.first() / "message", one.first() / "message", fs::copy_options::recursive);
  write(one.first() / "keys", read(one.first() / "keys") + read(other.first() / "keys"));
  const auto verified = one.verify();
  REQUIRE_FALSE(verified);
  CHECK(says(verified.error().text, "not of one exchange"));
}

TEST_CASE("a named pipe in an export is refused, and not waited for", "[auditor]") {
  Exported exported("export-pipe");
  const auto place = exported.first() / "message" / "checkpoint";
  fs::remove(place);
  REQUIRE(mkfifo(place.c_str(), 0600) == 0);
  const auto verified = exported.verify();
  REQUIRE_FALSE(verified);
  CHECK(says(verified.error().text, "not a file"));
}
