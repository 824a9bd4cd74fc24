#include "crypto/key_vault.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/testing/temporary_directory.h"
#include "crypto/file.h"
#include "crypto/passphrase.h"
#include "crypto/record.h"

using namespace liaison;
using namespace liaison::crypto;

namespace {

Secret words(std::string_view text) {
  return Secret(copy_of(as_bytes(text)));
}

struct Example {
  liaison::testing::TemporaryDirectory directory;
  std::filesystem::path keys = directory.path() / "keys";

  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(keys / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(keys / name, std::ios::binary) << text;
    ::chmod((keys / name).c_str(), 0600);
  }
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return static_cast<unsigned>(facts.st_mode) & 07777U;
}

}  // namespace

TEST_CASE("a vault gives back the keys it keeps, opened with its passphrase", "[keys]") {
  const Example example;
  const auto signing = PrivateKey::generate();
  const auto witness = Ed25519Key::generate();
  const auto curve = CurvePair::generate();
  const auto store = fresh_key();
  {
    auto vault = KeyVault::create(example.keys, words("open sesame")).value();
    CHECK(vault.names().empty());
    vault.keep("signing", signing);
    vault.keep("witness", witness);
    vault.keep("curve", curve);
    vault.keep("store", store);
  }
  const auto vault = KeyVault::open(example.keys, words("open sesame")).value();
  CHECK_FALSE(vault.unprotected());
  CHECK_FALSE(KeyVault::is_unprotected(example.keys));
  CHECK(vault.names() == std::vector<std::string>{"curve", "signing", "store", "witness"});
  CHECK(vault.private_key("signing")->public_key() == signing.public_key());
  CHECK(vault.ed25519("witness")->public_key() == witness.public_key());
  CHECK(vault.curve("curve")->public_key() == curve.public_key());
  CHECK(equal(vault.secret("store")->view(), store.view()));
  CHECK(vault.has("curve"));
  CHECK_FALSE(vault.has("other"));
  CHECK(mode_of(example.keys) == 0700);
  CHECK(mode_of(example.keys / "signing.pem") == 0600);
  CHECK(example.read("signing.pem").rfind("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 0) == 0);
}

TEST_CASE("a wrong passphrase is one line that says so", "[keys]") {
  const Example example;
  REQUIRE(KeyVault::create(example.keys, words("open sesame")));
  const auto wrong = KeyVault::open(example.keys, words("open sesam"));
  CHECK(wrong.error() == Error{Reason::untrusted, "the passphrase is not that of the keys in " +
                                                      example.keys.string()});
  const auto none = KeyVault::open(example.keys, std::nullopt);
  CHECK(none.error() ==
        Error{Reason::untrusted, "the keys in " + example.keys.string() + " need a passphrase"});
}

TEST_CASE("unprotected keys lie plain, and are known as such", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("store", fresh_key());
  CHECK(KeyVault::is_unprotected(example.keys));
  CHECK(example.read("store.pem").rfind("-----BEGIN PRIVATE KEY-----\n", 0) == 0);
  // A passphrase that is not needed changes nothing.
  auto again = KeyVault::open(example.keys, words("unneeded")).value();
  CHECK(again.unprotected());
  again.keep("later", fresh_key());
  CHECK(KeyVault::open(example.keys, std::nullopt)->secret("later"));
}

TEST_CASE("keys are not made over keys", "[keys]") {
  const Example example;
  REQUIRE(KeyVault::create(example.keys, std::nullopt));
  CHECK(KeyVault::create(example.keys, words("other")).error().reason == Reason::conflict);
  CHECK(KeyVault::open(example.directory.path(), std::nullopt).error() ==
        Error{Reason::not_found, "there are no keys in " + example.directory.path().string()});
}

TEST_CASE("a key file that others can read is refused", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("store", fresh_key());
  const auto file = (example.keys / "store.pem").string();
  for (const unsigned mode : {0640U, 0604U, 0660U, 0644U}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    const auto read = vault.secret("store");
    CHECK(read.error().reason == Reason::forbidden);
    CHECK(read.error().text.find(file + " is open to others") == 0);
  }
}

TEST_CASE("a damaged key file is one line that names it", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, words("open sesame")).value();
  vault.keep("signing", PrivateKey::generate());
  const auto good = example.read("signing.pem");
  const auto file = (example.keys / "signing.pem").string();
  const std::string damaged =
      "the key file " + file + " is damaged: restore it from a backup of the keys";
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, good.size() / 2, good.size() - 10}) {
    example.write("signing.pem", good.substr(0, size));
    CHECK(vault.private_key("signing").error() == Error{Reason::malformed, damaged});
  }
  example.write("signing.pem", "rubbish\n");
  CHECK(vault.private_key("signing").error() == Error{Reason::malformed, damaged});
  auto changed = good;
  changed[good.size() - 60] = changed[good.size() - 60] == 'A' ? 'B' : 'A';
  example.write("signing.pem", changed);
  CHECK_FALSE(vault.private_key("signing"));
  example.write("signing.pem", std::string(100000, 'x'));
  CHECK(vault.private_key("signing").error().reason == Reason::too_large);
  std::filesystem::remove(file);
  CHECK(vault.private_key("signing").error() ==
        Error{Reason::not_found, "there is no file " + file});
  std::filesystem::create_directory(file);
  CHECK(vault.private_key("signing").error().reason == Reason::forbidden);
}

TEST_CASE("one octet changed anywhere in a key file is noticed", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("signing", PrivateKey::generate());
  vault.keep("witness", Ed25519Key::generate());
  vault.keep("curve", CurvePair::generate());
  vault.keep("store", fresh_key());
  const auto reads = [&](const std::string& name) {
    if (name == "signing") return vault.private_key(name).has_value();
    if (name == "witness") return vault.ed25519(name).has_value();
    return vault.curve(name).has_value();
  };
  for (const std::string name : {"signing", "witness", "curve", "store"}) {
    const auto good = example.read(name + ".pem");
    REQUIRE(reads(name));
    for (std::size_t at = 0; at < good.size(); ++at) {
      auto changed = good;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      example.write(name + ".pem", changed);
      INFO(name << ", octet " << at << " of " << good.size());
      CHECK_FALSE(reads(name));
    }
    example.write(name + ".pem", good);
  }
  // One that was written elsewhere has no line with a checksum.
  const auto good = example.read("signing.pem");
  example.write("signing.pem", good.substr(0, good.find("SHA-256: ")));
  CHECK(reads("signing"));
}

TEST_CASE("a private key whose halves do not belong together is refused", "[keys]") {
  const auto one = PrivateKey::generate().pkcs8();
  const auto other = PrivateKey::generate().pkcs8();
  // The public point is the end of both.
  auto mixed = copy_of(one.view());
  std::copy(other.view().end() - 65, other.view().end(), mixed.end() - 65);
  const auto read = PrivateKey::parse(mixed);
  CHECK(read.error() ==
        Error{Reason::malformed, "its private and public halves do not belong together"});
}

TEST_CASE("a key of another kind is refused", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("store", fresh_key());
  vault.keep("signing", PrivateKey::generate());
  CHECK(vault.private_key("store").error().reason == Reason::malformed);
  CHECK(vault.ed25519("store").error().reason == Reason::malformed);
  CHECK(vault.curve("signing").error().text ==
        "the key file signing.pem: the private key is not an X25519 key in PKCS#8");
}

TEST_CASE("a key replaced is replaced, a key destroyed is gone", "[keys]") {
  const Example example;
  for (auto vault : {KeyVault::create(example.keys, std::nullopt).value(), KeyVault::in_memory()}) {
    vault.keep("sealing-1", fresh_key());
    const auto newer = fresh_key();
    vault.keep("sealing-1", newer);
    CHECK(equal(vault.secret("sealing-1")->view(), newer.view()));
    vault.destroy("sealing-1");
    CHECK_FALSE(vault.has("sealing-1"));
    CHECK(vault.secret("sealing-1").error().reason == Reason::not_found);
    CHECK_NOTHROW(vault.destroy("sealing-1"));
    CHECK(vault.names().empty());
  }
}

TEST_CASE("what an interrupted write left beside is no key and no hindrance", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("store", fresh_key());
  example.write(".store.pem.new", "half a fi");
  CHECK(vault.names() == std::vector<std::string>{"store"});
  const auto newer = fresh_key();
  vault.keep("store", newer);
  CHECK(equal(vault.secret("store")->view(), newer.view()));
}

TEST_CASE("a key whose destruction was interrupted is no key, and is gone at the next start",
          "[keys]") {
  const Example example;
  const auto files = [&] {
    return std::distance(std::filesystem::directory_iterator(example.keys), {});
  };
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("sealing-1", PrivateKey::generate());
  vault.keep("sealing-2", PrivateKey::generate());
  const auto key = example.read("sealing-1.pem");
  const auto linked = example.directory.path() / "linked";
  std::filesystem::create_hard_link(example.keys / "sealing-1.pem", linked);
  vault.destroy("sealing-1");
  CHECK(files() == 2);
  CHECK(example.read("../linked") == std::string(key.size(), '\0'));
  // Killed before it was overwritten, while it was, and after.
  example.write(".sealing-1.pem.going", key);
  example.write(".sealing-3.pem.going", std::string(key.size(), '\0'));
  example.write(".sealing-4.pem.going", "");
  CHECK(vault.names() == std::vector<std::string>{"sealing-2"});
  const auto opened = KeyVault::open(example.keys, std::nullopt).value();
  CHECK(opened.names() == std::vector<std::string>{"sealing-2"});
  CHECK(opened.private_key("sealing-2"));
  CHECK(files() == 2);
}

TEST_CASE("a key is under its own name no more when it is overwritten", "[keys]") {
  const Example example;
  auto vault = KeyVault::create(example.keys, std::nullopt).value();
  vault.keep("sealing-1", PrivateKey::generate());
  const auto elsewhere = example.directory.path() / "elsewhere.pem";
  std::filesystem::rename(example.keys / "sealing-1.pem", elsewhere);
  // What a link leads to is not overwritten: destroying ends there, as it may end by a crash.
  std::filesystem::create_symlink(elsewhere, example.keys / "sealing-1.pem");
  CHECK_THROWS_AS(vault.destroy("sealing-1"), std::runtime_error);
  CHECK_FALSE(vault.has("sealing-1"));
  CHECK(KeyVault::open(example.keys, std::nullopt)->names().empty());
}

TEST_CASE("a passphrase comes from a file or a credential", "[keys]") {
  const Example example;
  std::filesystem::create_directory(example.keys);
  const auto file = example.keys / "words";
  PassphraseSource from_file{PassphraseSource::Kind::file, file, {}};
  CHECK(read_passphrase(from_file).error().reason == Reason::not_found);
  example.write("words", "open sesame\nsecond line\n");
  CHECK(as_text((*read_passphrase(from_file))->view()) == "open sesame");
  example.write("words", "open sesame\r\n");
  CHECK(as_text((*read_passphrase(from_file))->view()) == "open sesame");
  example.write("words", "\nopen sesame\n");
  CHECK(read_passphrase(from_file).error().reason == Reason::malformed);
  ::chmod(file.c_str(), 0644);
  CHECK(read_passphrase(from_file).error().reason == Reason::forbidden);

  const PassphraseSource from_credential{
      PassphraseSource::Kind::credential, {}, "liaison-passphrase"};
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(read_passphrase(from_credential).error().reason == Reason::unavailable);
  ::setenv("CREDENTIALS_DIRECTORY", example.keys.c_str(), 1);
  CHECK(read_passphrase(from_credential).error().reason == Reason::not_found);
  example.write("liaison-passphrase", "open sesame");
  CHECK(as_text((*read_passphrase(from_credential))->view()) == "open sesame");
  ::unsetenv("CREDENTIALS_DIRECTORY");

  CHECK_FALSE(*read_passphrase(PassphraseSource{}));
}

TEST_CASE("a directory that cannot be written is a failure of the machine", "[keys]") {
  CHECK_THROWS_AS(write_file("/proc/liaison/keys.pem", as_bytes("x"), 0600), std::runtime_error);
}
