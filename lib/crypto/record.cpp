#include "crypto/record.h"

#include "base/check.h"
#include "crypto/gcm.h"
#include "crypto/internal.h"

namespace liaison::crypto {

Secret fresh_key() {
  Secret out(std::size_t{32});
  random({out.data(), out.size()});
  return out;
}

Bytes seal_record(const Secret& key, ByteView aad, ByteView plain) {
  LIAISON_CHECK(key.size() == 32);
  Bytes out(gcm_nonce_bytes + plain.size() + gcm_tag_bytes);
  const std::span<std::uint8_t> all(out);
  random(all.first(gcm_nonce_bytes));
  gcm_encrypt(key.view(), all.first(gcm_nonce_bytes), aad, plain,
              all.subspan(gcm_nonce_bytes, plain.size()), all.last(gcm_tag_bytes));
  return out;
}

Result<Bytes> open_record(const Secret& key, ByteView aad, ByteView sealed) {
  LIAISON_CHECK(key.size() == 32);
  static constexpr const char* text =
      "the record cannot be opened: it is damaged or under another key";
  if (sealed.size() < gcm_nonce_bytes + gcm_tag_bytes) return fail(Reason::untrusted, text);
  Bytes out(sealed.size() - gcm_nonce_bytes - gcm_tag_bytes);
  if (!gcm_decrypt(key.view(), sealed.first(gcm_nonce_bytes), aad,
                   sealed.subspan(gcm_nonce_bytes, out.size()), sealed.last(gcm_tag_bytes), out)) {
    return fail(Reason::untrusted, text);
  }
  return out;
}

}  // namespace liaison::crypto
