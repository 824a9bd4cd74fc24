#include "crypto/envelope.h"

#include <array>

#include "base/check.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/internal.h"
#include "crypto/oid.h"
#include "crypto/seal.h"

namespace liaison::crypto {

namespace {

constexpr int envelope_depth_max = 10;
constexpr std::size_t wrapped_key_bytes = content_key_bytes + 8;  // RFC 3394

constexpr auto version_0 = oid::octets(0x02, 1, 0);
constexpr auto version_3 = oid::octets(0x02, 1, 3);
constexpr auto tag_of_16 = oid::octets(0x02, 1, gcm_tag_bytes);

/// SHA-256 over Z || 00000001 || ECC-CMS-SharedInfo (RFC 5753, 7.2; ANSI X9.63): 32 octets are one
/// round. The shared info names id-aes256-wrap, has no user keying material, and the length 256 in
/// bits.
constexpr auto counter_and_shared_info =
    oid::octets(0, 0, 0, 1, 0x30, 21, 0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
                0x01, 0x2d, 0xa2, 6, 0x04, 4, 0, 0, 1, 0);

/// The key that wraps the content key.
Secret agree(EVP_PKEY* own, EVP_PKEY* peer) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  Secret shared(std::size_t{32});
  std::size_t size = shared.size();
  // The peer's point is on the curve (key_at), and P-256 has cofactor 1: there is no small subgroup
  // to look for, which is what the full check would spend a scalar multiplication on.
  require(context && EVP_PKEY_derive_init(context.get()) == 1 &&
              EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) == 1 &&
              EVP_PKEY_derive(context.get(), shared.data(), &size) == 1 && size == shared.size(),
          "agree on a key");
  const auto digest = sha256({shared.view(), counter_and_shared_info});
  return Secret(digest.bytes());
}

CipherContextPtr wrap_context() {
  CipherContextPtr context(EVP_CIPHER_CTX_new());
  require(context != nullptr, "set up a cipher");
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  return context;
}

Bytes wrap(const Secret& wrapping_key, const Secret& content_key) {
  const auto context = wrap_context();
  Bytes out(wrapped_key_bytes + 8);
  int size = 0;
  require(EVP_EncryptInit_ex2(context.get(), aes256_wrap_algorithm(), wrapping_key.view().data(),
                              nullptr, nullptr) == 1 &&
              EVP_EncryptUpdate(context.get(), out.data(), &size, content_key.view().data(),
                                static_cast<int>(content_key.size())) == 1 &&
              size == static_cast<int>(wrapped_key_bytes),
          "wrap a key");
  out.resize(wrapped_key_bytes);
  return out;
}

bool unwrap(const Secret& wrapping_key, ByteView wrapped, Secret& content_key) {
  const auto context = wrap_context();
  Secret out(wrapped_key_bytes + 8);
  int size = 0;
  require(EVP_DecryptInit_ex2(context.get(), aes256_wrap_algorithm(), wrapping_key.view().data(),
                              nullptr, nullptr) == 1,
          "set up a cipher");
  const bool holds = EVP_DecryptUpdate(context.get(), out.data(), &size, wrapped.data(),
                                       static_cast<int>(wrapped.size())) == 1 &&
                     size == static_cast<int>(content_key_bytes);
  if (!holds) {
    forget_errors();
    return false;
  }
  std::copy(out.data(), out.data() + content_key_bytes, content_key.data());
  return true;
}

bool read_recipient(der::Reader inside, Envelope& out) {
  static constexpr std::uint8_t originator_key = der::context_1_constructed;
  if (!inside.skip(version_3)) return false;
  auto originator = inside.enter(der::context_0_constructed);
  auto key = originator ? originator->enter(originator_key) : std::nullopt;
  if (!key || !originator->at_end() || !key->skip(oid::ec_public_key)) return false;
  const auto point = key->next(der::bit_string);
  if (!point || !key->at_end() || point->content.size() != 66 || point->content[0] != 0)
    return false;
  out.ephemeral = point->content.subspan(1);
  if (out.ephemeral[0] != 0x04) return false;
  // No user keying material: the algorithm is next.
  if (!inside.skip(oid::ecdh_sha256_aes256_wrap)) return false;
  auto keys = inside.enter(der::sequence);
  auto one = keys ? keys->enter(der::sequence) : std::nullopt;
  if (!one || !keys->at_end() || !inside.at_end()) return false;
  auto by_key_id = one->enter(der::context_0_constructed);
  const auto key_id = by_key_id ? by_key_id->next(der::octet_string) : std::nullopt;
  const auto wrapped = one->next(der::octet_string);
  if (!key_id || !by_key_id->at_end() || !wrapped || !one->at_end()) return false;
  out.recipient = key_id->content;
  out.wrapped_key = wrapped->content;
  return out.wrapped_key.size() == wrapped_key_bytes;
}

bool read_content(der::Reader inside, Envelope& out) {
  if (!inside.skip(oid::data)) return false;
  auto algorithm = inside.enter(der::sequence);
  if (!algorithm || !algorithm->skip(oid::aes256_gcm)) return false;
  auto parameters = algorithm->enter(der::sequence);
  const auto nonce = parameters ? parameters->next(der::octet_string) : std::nullopt;
  if (!nonce || nonce->content.size() != gcm_nonce_bytes || !parameters->skip(tag_of_16) ||
      !parameters->at_end() || !algorithm->at_end()) {
    return false;
  }
  const auto ciphertext = inside.next(der::context_0);
  if (!ciphertext || !inside.at_end()) return false;
  out.nonce = nonce->content;
  out.ciphertext = ciphertext->content;
  return true;
}

}  // namespace

std::optional<Envelope> read_envelope(ByteView der) {
  if (der.size() > sealed_bytes_max || !der::is_strict(der, envelope_depth_max))
    return std::nullopt;
  auto outer = der::only(der, der::sequence);
  if (!outer || !outer->skip(oid::auth_enveloped_data)) return std::nullopt;
  auto wrapped = outer->enter(der::context_0_constructed);
  auto data = wrapped ? wrapped->enter(der::sequence) : std::nullopt;
  if (!data || !wrapped->at_end() || !outer->at_end() || !data->skip(version_0))
    return std::nullopt;
  auto recipients = data->enter(der::set);
  const auto agreement = recipients ? recipients->enter(der::context_1_constructed) : std::nullopt;
  if (!agreement || !recipients->at_end()) return std::nullopt;
  const auto content = data->enter(der::sequence);
  // Authenticated attributes would stand here, unauthenticated ones after the tag.
  const auto tag = content ? data->next(der::octet_string) : std::nullopt;
  if (!tag || !data->at_end() || tag->content.size() != gcm_tag_bytes) return std::nullopt;
  Envelope out;
  out.tag = tag->content;
  if (!read_recipient(*agreement, out) || !read_content(*content, out)) return std::nullopt;
  return out;
}

MadeEnvelope make_envelope(ByteView plain, const Certificate& recipient) {
  const auto ephemeral = generate_p256();
  Secret content_key(content_key_bytes);
  random({content_key.data(), content_key.size()});
  std::array<std::uint8_t, gcm_nonce_bytes> nonce{};
  random(nonce);
  const auto wrapping_key = agree(ephemeral.get(), recipient.public_key().handle().key.get());
  const auto wrapped_key = wrap(wrapping_key, content_key);

  static constexpr std::uint8_t no_unused_bits[1] = {0};
  const auto point = point_of(ephemeral.get());
  const auto originator = der::tlv(
      der::context_0_constructed,
      {der::tlv(der::context_1_constructed,
                {oid::ec_public_key, der::tlv(der::bit_string, {no_unused_bits, point})})});
  const auto by_key_id =
      der::tlv(der::context_0_constructed, {der::tlv(der::octet_string, {recipient.key_id()})});
  const auto keys =
      der::tlv(der::sequence,
               {der::tlv(der::sequence, {by_key_id, der::tlv(der::octet_string, {wrapped_key})})});
  const auto recipients =
      der::tlv(der::set, {der::tlv(der::context_1_constructed,
                                   {version_3, originator, oid::ecdh_sha256_aes256_wrap, keys})});
  const auto parameters =
      der::tlv(der::sequence, {der::tlv(der::octet_string, {nonce}), tag_of_16});
  const auto algorithm = der::tlv(der::sequence, {oid::aes256_gcm, parameters});

  // The lengths first, so that the ciphertext is written where it stays.
  const auto sized = [](std::size_t content) { return der::header_size(content) + content; };
  const std::size_t content_size = oid::data.size() + algorithm.size() + sized(plain.size());
  const std::size_t data_size =
      version_0.size() + recipients.size() + sized(content_size) + sized(gcm_tag_bytes);
  const std::size_t outer_size = oid::auth_enveloped_data.size() + sized(sized(data_size));
  MadeEnvelope made;
  auto& out = made.der;
  out.reserve(sized(outer_size));
  der::append_header(out, der::sequence, outer_size);
  der::append(out, oid::auth_enveloped_data);
  der::append_header(out, der::context_0_constructed, sized(data_size));
  der::append_header(out, der::sequence, data_size);
  der::append(out, version_0);
  der::append(out, recipients);
  der::append_header(out, der::sequence, content_size);
  der::append(out, oid::data);
  der::append(out, algorithm);
  der::append_header(out, der::context_0, plain.size());
  const std::size_t at = out.size();
  out.resize(sized(outer_size));
  const std::span<std::uint8_t> all(out);
  out[at + plain.size()] = der::octet_string;
  out[at + plain.size() + 1] = gcm_tag_bytes;
  gcm_encrypt(content_key.view(), nonce, {}, plain, all.subspan(at, plain.size()),
              all.last(gcm_tag_bytes));
  made.commitment = commitment_of(content_key.view());
  made.content_key = std::move(content_key);
  return made;
}

Secret unwrap_content_key(const Envelope& envelope, const PrivateKey& recipient) {
  Secret out(content_key_bytes);
  random({out.data(), out.size()});
  const auto ephemeral = key_at(envelope.ephemeral);
  if (ephemeral == nullptr) return out;
  unwrap(agree(recipient.handle().key.get(), ephemeral.get()), envelope.wrapped_key, out);
  return out;
}

}  // namespace liaison::crypto
