#include "crypto/taken_apart.h"

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/seal.h"

namespace liaison::crypto {
namespace {

tl::unexpected<Error> no_letter() {
  return fail(Reason::untrusted, "these octets are no sealed letter, or their key is another");
}

std::size_t at_of(ByteView part, ByteView whole) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

}  // namespace

Result<TakenApart> take_apart(ByteView sealed, Secret content_key) {
  const auto envelope = read_envelope(sealed);
  if (!envelope || content_key.size() != content_key_bytes) return no_letter();
  Bytes plain(envelope->ciphertext.size());
  if (!gcm_decrypt(content_key.view(), envelope->nonce, {}, envelope->ciphertext, envelope->tag,
                   plain))
    return no_letter();
  const auto last =
      std::find_if(plain.rbegin(), plain.rend(), [](std::uint8_t octet) { return octet != 0; });
  TakenApart out;
  out.zeros = static_cast<std::uint32_t>(last - plain.rbegin());
  plain.resize(plain.size() - out.zeros);
  const auto begin = at_of(envelope->ciphertext, sealed);
  out.before = copy_of(sealed.first(begin));
  out.after = copy_of(sealed.subspan(begin + envelope->ciphertext.size()));
  out.content_key = std::move(content_key);
  out.plain = Secret(std::move(plain));
  return out;
}

Result<Bytes> put_together(const TakenApart& parts) {
  const auto size = parts.before.size() + parts.plain.size() + parts.zeros + parts.after.size();
  if (size > sealed_bytes_max || parts.content_key.size() != content_key_bytes) return no_letter();
  Bytes out = parts.before;
  out.resize(parts.before.size() + parts.plain.size() + parts.zeros);
  out.insert(out.end(), parts.after.begin(), parts.after.end());
  // The form does not depend on what the ciphertext is, and names the nonce.
  const auto envelope = read_envelope(out);
  if (!envelope || at_of(envelope->ciphertext, out) != parts.before.size() ||
      envelope->ciphertext.size() != parts.plain.size() + parts.zeros)
    return no_letter();
  Bytes padded = copy_of(parts.plain.view());
  padded.resize(envelope->ciphertext.size());
  const Secret plain(std::move(padded));
  const auto nonce = copy_of(envelope->nonce);
  const auto tag = copy_of(envelope->tag);
  Bytes made_tag(gcm_tag_bytes);
  gcm_encrypt(parts.content_key.view(), nonce, {}, plain.view(),
              std::span(out).subspan(parts.before.size(), plain.size()), made_tag);
  if (!constant_time_equal(made_tag, tag)) return no_letter();
  return out;
}

}  // namespace liaison::crypto
