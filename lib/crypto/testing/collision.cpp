#include "crypto/testing/collision.h"

#include <array>

#include "base/check.h"
#include "crypto/gcm.h"
#include "crypto/internal.h"

namespace liaison::crypto::testing {
namespace {

using Block = std::array<std::uint8_t, 16>;

Block operator^(Block a, const Block& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] ^= b[i];
  return a;
}

/// Multiplication in GCM's field (NIST SP 800-38D, 6.3).
Block multiply(const Block& a, Block b) {
  Block out{};
  for (unsigned bit = 0; bit < 128; ++bit) {
    if ((a[bit / 8] >> (7 - bit % 8) & 1U) != 0) out = out ^ b;
    const bool carry = (b[15] & 1U) != 0;
    for (std::size_t i = 15; i > 0; --i)
      b[i] = static_cast<std::uint8_t>(b[i] >> 1U | b[i - 1] << 7U);
    b[0] = static_cast<std::uint8_t>(b[0] >> 1U);
    if (carry) b[0] ^= 0xe1U;
  }
  return out;
}

Block power(const Block& base, unsigned exponent) {
  Block out{0x80};
  for (unsigned i = 0; i < exponent; ++i)
    out = multiply(out, base);
  return out;
}

Block inverse(const Block& value) {
  Block out{0x80};
  Block square = value;
  for (int i = 1; i < 128; ++i) {  // value to the power 2^128 - 2
    square = multiply(square, square);
    out = multiply(out, square);
  }
  return out;
}

/// The hash key of GCM under `key`: the block cipher of zero.
Block hash_key(const Secret& key) {
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  Block out{};
  std::array<std::uint8_t, 32> octets{};
  int size = 0;
  LIAISON_CHECK(EVP_EncryptInit_ex2(context.get(), EVP_aes_256_ecb(), key.view().data(), nullptr,
                                    nullptr) == 1);
  LIAISON_CHECK(EVP_EncryptUpdate(context.get(), octets.data(), &size, out.data(), 16) == 1);
  std::copy_n(octets.begin(), 16, out.begin());
  return out;
}

Block block_of(ByteView octets) {
  Block out{};
  std::copy_n(octets.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

Bytes tag_of(const Secret& key, ByteView nonce, ByteView ciphertext) {
  Bytes plain(ciphertext.size());
  // In counter mode, encrypting the ciphertext gives the plaintext; encrypting that gives the tag.
  Block ignored{};
  gcm_encrypt(key.view(), nonce, {}, ciphertext, plain, ignored);
  Bytes again(plain.size());
  Bytes tag(gcm_tag_bytes);
  gcm_encrypt(key.view(), nonce, {}, plain, again, tag);
  return tag;
}

void make_collision(const Secret& first, const Secret& second, ByteView nonce, Bytes& ciphertext,
                    std::size_t index) {
  const std::size_t at = index * 16;
  std::fill_n(ciphertext.begin() + static_cast<std::ptrdiff_t>(at), 16, std::uint8_t{0});
  const auto difference =
      block_of(tag_of(first, nonce, ciphertext)) ^ block_of(tag_of(second, nonce, ciphertext));
  const auto exponent = static_cast<unsigned>((ciphertext.size() + 15) / 16 - index + 1);
  const auto weight = power(hash_key(first), exponent) ^ power(hash_key(second), exponent);
  const auto block = multiply(difference, inverse(weight));
  std::copy(block.begin(), block.end(), ciphertext.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace liaison::crypto::testing
