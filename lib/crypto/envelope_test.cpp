#include "crypto/envelope.h"

#include <catch2/catch.hpp>

#include "crypto/internal.h"
#include "crypto/seal.h"
#include "crypto/testing/collision.h"
#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

struct Example {
  TestAuthority authority;
  TestNode from{authority, "jcp-leeds"};
  TestNode to{authority, "northbridge", NodeRole::provider};
  Sealed sealed =
      seal(as_bytes("content"), from.signing_key, from.signing, to.sealing, test_time()).value();

  /// Whether the letter with a change in it is refused by its form already, and not opened.
  template <class Change>
  [[nodiscard]] bool refused(Change change) const {
    Letter letter(sealed.der);
    change(letter);
    const auto der = letter.der();
    return !read_envelope(der) && !open(der, to.sealing_key, to.sealing, sealed.commitment);
  }
};

}  // namespace

TEST_CASE("the envelope's form is read whole", "[envelope]") {
  const Example example;
  const auto envelope = read_envelope(example.sealed.der);
  REQUIRE(envelope);
  CHECK(envelope->ephemeral.size() == 65);
  CHECK(equal(envelope->recipient, example.to.sealing.key_id()));
  CHECK(envelope->wrapped_key.size() == 40);
  CHECK(envelope->ciphertext.size() == 2048);
  CHECK_FALSE(example.refused([](Letter&) {}));
}

TEST_CASE("a tag shorter than 16 octets is refused, whatever its parameter says", "[envelope]") {
  const Example example;
  for (const std::size_t size : {0U, 1U, 4U, 8U, 12U, 13U, 14U, 15U}) {
    CHECK(example.refused([&](Letter& letter) { letter.tag().content.resize(size); }));
    CHECK(example.refused([&](Letter& letter) {
      letter.tag().content.resize(size);
      letter.algorithm()[1][1].content = Bytes{static_cast<std::uint8_t>(size)};
    }));
  }
  CHECK(example.refused([](Letter& letter) { letter.algorithm()[1][1].content = Bytes{4}; }));
  CHECK(example.refused(
      [](Letter& letter) { letter.algorithm()[1].parts.pop_back(); }));  // the default is 12
  CHECK(example.refused([](Letter& letter) { letter.tag().content.push_back(0); }));
}

TEST_CASE("another cipher than AES-256-GCM with a nonce of 12 octets is refused", "[envelope]") {
  const Example example;
  // aes-256-ofb, -cbc, -ecb, -cfb, -ccm; aes-128-gcm
  for (const char* cipher : {"60864801650304012b", "60864801650304012a", "608648016503040129",
                             "60864801650304012c", "60864801650304012f", "608648016503040106"}) {
    CHECK(example.refused([&](Letter& letter) { letter.algorithm()[0] = object(cipher); }));
  }
  CHECK(example.refused([](Letter& letter) {
    // The cipher renamed to OFB, with the parameters that OFB has
    letter.algorithm()[0] = object("60864801650304012b");
    letter.algorithm()[1] = primitive(der::octet_string, Bytes(16));
  }));
  for (const std::size_t size : {0U, 1U, 11U, 13U, 16U}) {
    CHECK(example.refused([&](Letter& letter) { letter.algorithm()[1][0].content.resize(size); }));
  }
}

TEST_CASE("another key agreement than the profile's is refused", "[envelope]") {
  const Example example;
  // SHA-1, SHA-224, SHA-384 and SHA-512 derivation; cofactor Diffie-Hellman with SHA-256
  for (const char* scheme :
       {"2b81051086483f0002", "2b8104010b00", "2b8104010b02", "2b8104010b03", "2b8104010e01"}) {
    CHECK(example.refused([&](Letter& letter) { letter.derivation()[0] = object(scheme); }));
  }
  // AES-128 and AES-192 wrap, triple DES wrap
  for (const char* wrap : {"608648016503040105", "608648016503040119", "2a864886f70d0109100306"}) {
    CHECK(example.refused([&](Letter& letter) { letter.derivation()[1][0] = object(wrap); }));
  }
  CHECK(example.refused(
      [](Letter& letter) { letter.derivation()[1].parts.push_back(primitive(der::null, {})); }));
  CHECK(example.refused([](Letter& letter) { letter.point().content[1] = 0x02; }));
  CHECK(example.refused([](Letter& letter) { letter.point().content[0] = 0x01; }));
  CHECK(example.refused([](Letter& letter) { letter.point().content.resize(34); }));
  CHECK(example.refused([](Letter& letter) { letter.point().content.clear(); }));
  // User keying material
  CHECK(example.refused([](Letter& letter) {
    auto& parts = letter.agreement().parts;
    parts.insert(parts.begin() + 2,
                 constructed(der::context_1_constructed, {primitive(der::octet_string, Bytes(8))}));
  }));
  CHECK(example.refused([](Letter& letter) { letter.recipient_key()[1].content.resize(24); }));
  CHECK(example.refused([](Letter& letter) { letter.recipient_key()[1].content.resize(48); }));
}

TEST_CASE("an ephemeral point off the curve does not open", "[envelope]") {
  const Example example;
  Letter letter(example.sealed.der);
  letter.point().content.back() ^= 1U;
  const auto der = letter.der();
  CHECK(read_envelope(der));
  CHECK_FALSE(open(der, example.to.sealing_key, example.to.sealing, example.sealed.commitment));
  letter.point().content = Bytes(66);
  CHECK_FALSE(
      open(letter.der(), example.to.sealing_key, example.to.sealing, example.sealed.commitment));
}

TEST_CASE("exactly one recipient by key agreement is taken", "[envelope]") {
  const Example example;
  const auto another = [](Letter& letter) {
    letter.recipients().parts.push_back(letter.agreement());
  };
  CHECK(example.refused(another));
  CHECK(example.refused([](Letter& letter) { letter.recipients().parts.clear(); }));
  CHECK(example.refused(
      [](Letter& letter) { letter.agreement()[3].parts.push_back(letter.recipient_key()); }));
  CHECK(example.refused([](Letter& letter) { letter.agreement()[3].parts.clear(); }));
  // Key transport, key-encryption key, password, other
  for (const int tag : {0x30, 0xa2, 0xa3, 0xa4}) {
    CHECK(example.refused(
        [&](Letter& letter) { letter.agreement().tag = static_cast<std::uint8_t>(tag); }));
    CHECK(example.refused([&](Letter& letter) {
      letter.recipients().parts.push_back(constructed(static_cast<std::uint8_t>(tag), {}));
    }));
  }
  // Named by issuer and serial number
  CHECK(example.refused([&](Letter& letter) {
    letter.recipient_key()[0] = constructed(
        der::sequence, {read_tree(example.to.sealing.issuer()), primitive(der::integer, Bytes{1})});
  }));
  // A date beside the key identifier
  CHECK(example.refused([](Letter& letter) {
    letter.recipient_key()[0].parts.push_back(
        primitive(der::generalized_time, copy_of(as_bytes("20260506104200Z"))));
  }));
}

TEST_CASE("attributes, originator's certificates and anything else are refused", "[envelope]") {
  const Example example;
  const auto with = [](Letter& letter, std::ptrdiff_t at, int tag) {
    auto& parts = letter.data().parts;
    parts.insert(parts.begin() + at, constructed(static_cast<std::uint8_t>(tag), {}));
  };
  CHECK(example.refused([&](Letter& letter) { with(letter, 1, 0xa0); }));  // originator info
  CHECK(
      example.refused([&](Letter& letter) { with(letter, 3, 0xa1); }));  // authenticated attributes
  CHECK(example.refused(
      [&](Letter& letter) { with(letter, 4, 0xa2); }));  // unauthenticated attributes
  CHECK(example.refused([](Letter& letter) { letter.data()[0].content = Bytes{2}; }));
  CHECK(example.refused([](Letter& letter) { letter.data().parts.pop_back(); }));
  CHECK(example.refused(
      [](Letter& letter) { letter.tree.parts.push_back(primitive(der::null, {})); }));
  CHECK(example.refused(
      [](Letter& letter) { letter.tree[1].parts.push_back(primitive(der::null, {})); }));
  // envelopedData, encryptedData, compressedData, signedData
  for (const char* type : {"2a864886f70d010703", "2a864886f70d010706", "2a864886f70d0109100109",
                           "2a864886f70d010702"}) {
    CHECK(example.refused([&](Letter& letter) { letter.tree[0] = object(type); }));
    CHECK(example.refused([&](Letter& letter) { letter.data()[2][0] = object(type); }));
  }
  CHECK(example.refused([](Letter& letter) {  // ciphertext in pieces
    letter.ciphertext() =
        constructed(0xa0, {primitive(der::octet_string, letter.ciphertext().content)});
  }));
  CHECK(
      example.refused([](Letter& letter) { letter.data()[2].parts.pop_back(); }));  // no ciphertext
}

TEST_CASE("indefinite lengths are refused", "[envelope]") {
  const Example example;
  auto der = Bytes{0x30, 0x80};
  const Letter letter(example.sealed.der);
  for (const auto& part : letter.tree.parts)
    der::append(der, part.der());
  der::append(der, Bytes(2));
  CHECK_FALSE(read_envelope(der));
}

TEST_CASE("deep nesting is refused at once", "[envelope]") {
  Bytes der = from_hex("0500").value();
  while (der.size() < 100000) {
    Bytes outer;
    der::append_header(outer, der::sequence, der.size());
    der::append(outer, der);
    der = std::move(outer);
    if (der.size() > 4096) break;
  }
  CHECK_FALSE(read_envelope(der));
  CHECK_FALSE(read_envelope(Bytes(sealed_bytes_max, 0x30)));
}

TEST_CASE("one ciphertext opens under two keys, and the commitment tells which was meant",
          "[envelope]") {
  const Example example;
  const auto& recipient = example.to;
  // An honest-looking letter, whose padding gives a block to choose.
  Letter letter(example.sealed.der);
  const auto first =
      content_key_of(example.sealed.der, recipient.sealing_key, recipient.sealing).value();
  // Another letter to the same recipient lends the wrapping of the second key.
  const auto lender = make_envelope(as_bytes("another"), recipient.sealing);
  const auto second = content_key_of(lender.der, recipient.sealing_key, recipient.sealing).value();

  const auto nonce = letter.algorithm()[1][0].content;
  make_collision(first, second, nonce, letter.ciphertext().content, 127);
  const auto tag = tag_of(first, nonce, letter.ciphertext().content);
  REQUIRE(tag == tag_of(second, nonce, letter.ciphertext().content));
  letter.tag().content = tag;
  Letter other = letter;
  other.agreement() = Letter(lender.der).agreement();

  // Both hold as far as AES-GCM can tell, and read differently.
  const auto read_first = content_key_of(letter.der(), recipient.sealing_key, recipient.sealing);
  const auto read_second = content_key_of(other.der(), recipient.sealing_key, recipient.sealing);
  REQUIRE(read_first);
  REQUIRE(read_second);
  CHECK(equal(read_first->view(), first.view()));
  CHECK(equal(read_second->view(), second.view()));
  CHECK(equal(letter.ciphertext().content, other.ciphertext().content));
  // What was committed to is one of them.
  CHECK(commitment_of(first.view()) == example.sealed.commitment);
  CHECK(commitment_of(second.view()) != example.sealed.commitment);
  const auto opened =
      open(other.der(), recipient.sealing_key, recipient.sealing, example.sealed.commitment);
  CHECK(opened.error() == Error{Reason::untrusted, "the letter cannot be opened"});
}
