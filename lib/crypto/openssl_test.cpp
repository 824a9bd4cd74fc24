// An independent implementation agrees: the openssl program opens what we seal, and what it makes
// within the profile opens with us; what it makes outside the profile does not.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "crypto/key_vault.h"
#include "crypto/pem.h"
#include "crypto/request.h"
#include "crypto/revocation.h"
#include "crypto/seal.h"
#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

struct Openssl {
  liaison::testing::TemporaryDirectory directory;
  TestAuthority authority;
  TestNode from{authority, "jcp-leeds"};
  TestNode to{authority, "northbridge", NodeRole::provider};

  Openssl() {
    write("authority.pem", as_bytes(authority.certificate.pem()));
    write("from.pem", as_bytes(from.signing.pem()));
    write("from.key", as_bytes(to_pem("PRIVATE KEY", from.signing_key.pkcs8().view())));
    write("to.pem", as_bytes(to.sealing.pem()));
    write("to.key", as_bytes(to_pem("PRIVATE KEY", to.sealing_key.pkcs8().view())));
    write("other.pem", as_bytes(from.sealing.pem()));
    write("content", as_bytes("content of a letter"));
  }
  void write(const std::string& name, ByteView content) const {
    std::ofstream out(directory.path() / name, std::ios::binary);
    out.write(as_text(content).data(), static_cast<std::streamsize>(content.size()));
  }
  [[nodiscard]] Bytes read(const std::string& name) const {
    std::ifstream in(directory.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  /// Whether `openssl ARGUMENTS` succeeds in the directory.
  [[nodiscard]] bool run(const std::string& arguments) const {
    const auto command = "cd " + directory.path().string() + " && openssl " + arguments +
                         " >output 2>errors </dev/null";
    return std::system(command.c_str()) == 0;
  }
  /// Opens as a letter whose maker computed the commitment.
  [[nodiscard]] Result<Opened> open(ByteView letter) const {
    const auto key = content_key_of(letter, to.sealing_key, to.sealing);
    if (!key) return fail(key.error());
    return crypto::open(letter, to.sealing_key, to.sealing, commitment_of(key->view()));
  }
  [[nodiscard]] bool sign(const std::string& options = "") const {
    return run(
        "cms -sign -binary -nodetach -md sha256 -signer from.pem -inkey from.key -outform DER -in "
        "content "
        "-out signed " +
        options);
  }
  [[nodiscard]] bool encrypt(const std::string& options) const {
    return run("cms -encrypt -binary -in signed -outform DER -out letter " + options);
  }
};

const std::string in_profile =
    "-aes-256-gcm -aes256-wrap -recip to.pem -keyopt ecdh_kdf_md:sha256 -keyid";

}  // namespace

TEST_CASE("openssl decrypts and verifies a letter that we sealed", "[openssl]") {
  const Openssl openssl;
  for (const std::size_t size : {0U, 19U, 20000U}) {
    const Bytes content(size, 'x');
    const auto sealed = seal(content, openssl.from.signing_key, openssl.from.signing,
                             openssl.to.sealing, test_time())
                            .value();
    openssl.write("letter", sealed.der);
    REQUIRE(openssl.run(
        "cms -decrypt -binary -inform DER -in letter -inkey to.key -recip to.pem -out signed"));
    CHECK(openssl.read("signed").size() == padded_size(openssl.read("signed").size()));
    REQUIRE(
        openssl.run("cms -verify -binary -inform DER -in signed -CAfile authority.pem -x509_strict "
                    "-attime 1778064120 -out content"));
    CHECK(openssl.read("content") == content);
  }
}

TEST_CASE("a letter that openssl made within the profile opens", "[openssl]") {
  const Openssl openssl;
  for (const char* options : {"", "-nosmimecap"}) {
    REQUIRE(openssl.sign(options));
    REQUIRE(openssl.encrypt(in_profile));
    const auto opened = openssl.open(openssl.read("letter"));
    REQUIRE(opened);
    CHECK(as_text(opened->content) == "content of a letter");
    CHECK(opened->signer == openssl.from.signing);
  }
}

TEST_CASE("a letter that openssl made and padded with zeros opens", "[openssl]") {
  const Openssl openssl;
  REQUIRE(openssl.sign());
  auto inside = openssl.read("signed");
  inside.resize(padded_size(inside.size()));
  openssl.write("signed", inside);
  REQUIRE(openssl.encrypt(in_profile));
  CHECK(openssl.open(openssl.read("letter")));
}

TEST_CASE("a letter that openssl made outside the profile does not open", "[openssl]") {
  const Openssl openssl;
  REQUIRE(openssl.sign());
  REQUIRE(openssl.run(
      "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=rsa -days 1 -out rsa.pem"));
  const std::string agreed = " -keyopt ecdh_kdf_md:sha256 -keyid ";
  const std::string password = "-pwri_password secret ";
  const std::string key_key =
      "-secretkey 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -secretkeyid "
      "01 ";
  for (const auto& options :
       {std::string("-aes-256-gcm -aes256-wrap -recip to.pem -keyid"),  // SHA-1 derivation
        std::string("-aes-256-gcm -aes256-wrap -recip to.pem -keyopt ecdh_kdf_md:sha512 -keyid"),
        std::string(
            "-aes-256-gcm -aes256-wrap -recip to.pem -keyopt ecdh_kdf_md:sha256"),  // by issuer and
                                                                                    // serial
        "-aes-256-gcm -aes128-wrap -recip to.pem" + agreed,
        "-aes-128-gcm -aes256-wrap -recip to.pem" + agreed,
        "-aes-256-cbc -aes256-wrap -recip to.pem" + agreed,
        "-aes-256-ofb -aes256-wrap -recip to.pem" + agreed,
        "-aes-256-gcm -aes256-wrap -recip to.pem" + agreed +
            "-recip other.pem -keyopt ecdh_kdf_md:sha256",
        "-aes-256-cbc -aes256-wrap " + password + "-recip to.pem" + agreed,
        "-aes-256-gcm -aes256-wrap " + key_key + "-recip to.pem" + agreed,
        std::string("-aes-256-gcm -recip rsa.pem -keyid"),
        in_profile + " -stream"}) {  // indefinite length
    CAPTURE(options);
    REQUIRE(openssl.encrypt(options));
    CHECK_FALSE(openssl.open(openssl.read("letter")));
  }
  // What is inside is not signed, or not by one signer with one certificate, or has no attributes.
  for (const char* options : {"-noattr", "-nocerts", "-signer rsa.pem -inkey rsa.key",
                              "-certfile authority.pem", "-keyid", "-md sha512"}) {
    CAPTURE(options);
    REQUIRE(openssl.sign(options));
    REQUIRE(openssl.encrypt(in_profile));
    CHECK_FALSE(openssl.open(openssl.read("letter")));
  }
  openssl.write("signed", as_bytes("not signed at all"));
  REQUIRE(openssl.encrypt(in_profile));
  CHECK_FALSE(openssl.open(openssl.read("letter")));
}

TEST_CASE("openssl takes tags of 4 and 8 octets, and that is why we read the form ourselves",
          "[openssl]") {
  const Openssl openssl;
  const auto sealed = seal(as_bytes("content"), openssl.from.signing_key, openssl.from.signing,
                           openssl.to.sealing, test_time())
                          .value();
  for (const std::size_t size : {4U, 8U, 1U}) {
    Letter letter(sealed.der);
    letter.tag().content.resize(size);
    letter.algorithm()[1][1].content = Bytes{static_cast<std::uint8_t>(size)};
    openssl.write("letter", letter.der());
    const bool opened = openssl.run(
        "cms -decrypt -binary -inform DER -in letter -inkey to.key -recip to.pem -out signed");
    CHECK(opened == (size >= 4));
    CHECK_FALSE(open(letter.der(), openssl.to.sealing_key, openssl.to.sealing, sealed.commitment));
  }
}

TEST_CASE("openssl takes our certificates, requests and lists for what they are", "[openssl]") {
  const Openssl openssl;
  CHECK(openssl.run(
      "verify -x509_strict -purpose smimesign -attime 1778064120 -CAfile authority.pem from.pem"));
  // A node is no authority: what it signed is nothing to a verifier that knows the exchange's
  // authority.
  openssl.write("signing-of-to.pem", as_bytes(openssl.to.signing.pem()));
  CHECK_FALSE(
      openssl.run("verify -x509_strict -attime 1778064120 -CAfile authority.pem -untrusted "
                  "signing-of-to.pem to.pem"));

  const auto request =
      CertificateRequest::make(openssl.from.signing_key, openssl.from.id,
                               openssl.from.curve.public_key(), openssl.from.witness.public_key());
  openssl.write("request", request.der);
  CHECK(openssl.run("req -inform DER -in request -verify -noout"));

  const auto list = RevocationList::make(
      3,
      {{openssl.from.signing.serial(), test_time(), RevocationReason::key_compromise, test_time()}},
      openssl.authority.key, openssl.authority.certificate, test_time());
  openssl.write("list", list.der());
  CHECK(openssl.run("crl -inform DER -in list -CAfile authority.pem -noout"));
  REQUIRE(openssl.run("crl -inform DER -in list -outform PEM -out list.pem"));
  CHECK_FALSE(openssl.run(
      "verify -crl_check -attime 1778064120 -CAfile authority.pem -CRLfile list.pem from.pem"));
  openssl.write("to-signing.pem", as_bytes(openssl.to.signing.pem()));
  CHECK(
      openssl.run("verify -crl_check -attime 1778064120 -CAfile authority.pem -CRLfile list.pem "
                  "to-signing.pem"));
}

TEST_CASE("openssl reads our key files, and we read its", "[openssl]") {
  const Openssl openssl;
  auto vault =
      KeyVault::create(openssl.directory.path() / "keys", Secret(copy_of(as_bytes("open sesame"))))
          .value();
  vault.keep("signing", openssl.from.signing_key);
  vault.keep("curve", openssl.from.curve);
  vault.keep("witness", openssl.from.witness);
  for (const char* name : {"signing", "curve", "witness"}) {
    CHECK(openssl.run("pkey -in keys/" + std::string(name) +
                      ".pem -passin 'pass:open sesame' -noout"));
    CHECK_FALSE(
        openssl.run("pkey -in keys/" + std::string(name) + ".pem -passin pass:other -noout"));
  }
  REQUIRE(openssl.run(
      "pkey -in keys/signing.pem -passin 'pass:open sesame' -pubout -outform DER -out public"));
  CHECK(openssl.read("public") == openssl.from.signing_key.public_key().spki());

  REQUIRE(openssl.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out made.pem"));
  REQUIRE(openssl.run("pkcs8 -topk8 -in made.pem -passout 'pass:open sesame' -out keys/made.pem"));
  REQUIRE(openssl.run("pkey -in made.pem -pubout -outform DER -out public"));
  std::filesystem::permissions(openssl.directory.path() / "keys/made.pem",
                               std::filesystem::perms(0600));
  CHECK(vault.private_key("made")->public_key().spki() == openssl.read("public"));
}
