#include "crypto/key.h"

#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "crypto/gcm.h"
#include "crypto/password.h"
#include "crypto/record.h"

using namespace liaison;
using namespace liaison::crypto;

TEST_CASE("SHA-256 and HMAC give the published values", "[crypto]") {
  // FIPS 180-2, B.1; RFC 4231, 4.3
  CHECK(sha256(as_bytes("abc")).text() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256({as_bytes("a"), {}, as_bytes("bc")}) == sha256(as_bytes("abc")));
  CHECK(sha256(ByteView()).text() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")).text() ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  Sha256 pieces;
  pieces.add(as_bytes("ab"));
  pieces.add(as_bytes("c"));
  CHECK(pieces.finish() == sha256(as_bytes("abc")));
  CHECK(pieces.finish() == sha256(ByteView()));
}

TEST_CASE("octets are compared whole", "[crypto]") {
  CHECK(constant_time_equal(as_bytes("same"), as_bytes("same")));
  CHECK(constant_time_equal({}, {}));
  CHECK_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sane")));
  CHECK_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sam")));
}

TEST_CASE("a P-256 signature holds for its key and message alone", "[crypto]") {
  const auto key = PrivateKey::generate();
  const auto other = PrivateKey::generate();
  const auto message = as_bytes("a message");
  const auto signature = key.sign(message);
  CHECK(key.public_key().verify(message, signature));
  CHECK_FALSE(key.public_key().verify(as_bytes("a massage"), signature));
  CHECK_FALSE(other.public_key().verify(message, signature));
  CHECK_FALSE(key.public_key().verify(message, {}));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto changed = signature;
    changed[i] ^= 1U;
    CHECK_FALSE(key.public_key().verify(message, changed));
  }
}

TEST_CASE("a P-256 key is read as it was written", "[crypto]") {
  const auto key = PrivateKey::generate();
  const auto read = PrivateKey::parse(key.pkcs8().view());
  REQUIRE(read);
  CHECK(read->public_key() == key.public_key());
  CHECK(
      PublicKey::parse(key.public_key().spki())->verify(as_bytes("x"), read->sign(as_bytes("x"))));
}

TEST_CASE("other keys, other encodings and points off the curve are refused", "[crypto]") {
  CHECK_FALSE(PrivateKey::parse(CurvePair::generate().pkcs8().view()));
  CHECK_FALSE(PrivateKey::parse(Ed25519Key::generate().pkcs8().view()));
  CHECK_FALSE(PrivateKey::parse({}));
  CHECK_FALSE(PrivateKey::parse(as_bytes("not a key")));
  const auto spki = PrivateKey::generate().public_key().spki();
  CHECK_FALSE(PublicKey::parse({}));
  CHECK_FALSE(PublicKey::parse(ByteView(spki).first(spki.size() - 1)));
  auto off_curve = spki;
  off_curve.back() ^= 1U;
  CHECK_FALSE(PublicKey::parse(off_curve));
  auto compressed = spki;
  compressed[26] = 0x02;
  CHECK_FALSE(PublicKey::parse(compressed));
  auto other_curve = spki;
  other_curve[22] = 0x06;
  CHECK_FALSE(PublicKey::parse(other_curve));
}

TEST_CASE("Ed25519 gives the published signature", "[crypto]") {
  // RFC 8032, 7.1, test 2
  Bytes pkcs8 = from_hex("302e020100300506032b657004220420").value();
  const auto seed =
      from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value();
  pkcs8.insert(pkcs8.end(), seed.begin(), seed.end());
  const auto key = Ed25519Key::parse(pkcs8);
  REQUIRE(key);
  CHECK(key->public_key().text() ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes message{0x72};
  const auto signature = key->sign(message);
  CHECK(to_hex(signature) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb430"
        "2aeeb00d291612bb0c00");
  CHECK(verify_ed25519(key->public_key(), message, signature));
  CHECK_FALSE(verify_ed25519(key->public_key(), as_bytes("s"), signature));
  CHECK_FALSE(verify_ed25519(key->public_key(), message, ByteView(signature).first(63)));
  CHECK_FALSE(Ed25519Key::parse(CurvePair::generate().pkcs8().view()));
  CHECK(equal(key->pkcs8().view(), pkcs8));
}

TEST_CASE("a CURVE pair is read as it was written", "[crypto]") {
  const auto pair = CurvePair::generate();
  const auto read = CurvePair::parse(pair.pkcs8().view());
  REQUIRE(read);
  CHECK(read->public_key() == pair.public_key());
  CHECK(equal(read->secret().view(), pair.secret().view()));
  CHECK(CurvePair::generate().public_key() != pair.public_key());
  CHECK_FALSE(CurvePair::parse(Ed25519Key::generate().pkcs8().view()));
}

TEST_CASE("a record opens under its key and name alone", "[crypto]") {
  const auto key = fresh_key();
  const auto sealed = seal_record(key, as_bytes("case 1"), as_bytes("a detail"));
  CHECK(sealed.size() == 12 + 8 + 16);
  CHECK(as_text(open_record(key, as_bytes("case 1"), sealed).value()) == "a detail");
  CHECK(open_record(key, as_bytes("case 2"), sealed).error().reason == Reason::untrusted);
  CHECK(open_record(fresh_key(), as_bytes("case 1"), sealed).error().reason == Reason::untrusted);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 0x80U;
    CHECK_FALSE(open_record(key, as_bytes("case 1"), changed));
    CHECK_FALSE(open_record(key, as_bytes("case 1"), ByteView(sealed).first(i)));
  }
  CHECK(open_record(key, {}, seal_record(key, {}, {})).value().empty());
}

TEST_CASE("what was decrypted before the tag failed is gone", "[crypto]") {
  const auto key = fresh_key();
  const Bytes nonce(gcm_nonce_bytes);
  const Bytes plain(100, 'x');
  Bytes sealed(plain.size());
  Bytes tag(gcm_tag_bytes);
  gcm_encrypt(key.view(), nonce, {}, plain, sealed, tag);
  Bytes out(plain.size());
  CHECK(gcm_decrypt(key.view(), nonce, {}, sealed, tag, out));
  CHECK(out == plain);
  tag[0] ^= 1U;
  CHECK_FALSE(gcm_decrypt(key.view(), nonce, {}, sealed, tag, out));
  CHECK(out == Bytes(plain.size()));
}

TEST_CASE("a password is recognised by its hash, and a damaged hash by nothing", "[crypto]") {
  constexpr PasswordCost quick{64, 1, 1};
  const auto hash = hash_password("correct horse", quick);
  CHECK(hash.rfind("$argon2id$v=19$m=64,t=1,p=1$", 0) == 0);
  CHECK(verify_password("correct horse", hash));
  CHECK_FALSE(verify_password("correct hors", hash));
  CHECK(hash_password("correct horse", quick) != hash);
  CHECK_FALSE(verify_password("correct horse", ""));
  CHECK_FALSE(verify_password("correct horse", hash.substr(0, 40)));
}
