#include "crypto/seal.h"

#include "base/check.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/signed_data.h"

namespace liaison::crypto {

namespace {

constexpr std::size_t bucket_bytes_min = 2 * 1024;
/// The last bucket: with the envelope around it, it fits sealed_bytes_max.
constexpr std::size_t bucket_bytes_max = sealed_bytes_max - 1024;

tl::unexpected<Error> unopenable() {
  return fail(Reason::untrusted, "the letter cannot be opened");
}

/// The envelope, if it has the form and names the certificate's key.
std::optional<Envelope> addressed_to(const Certificate& recipient, ByteView sealed) {
  const auto envelope = read_envelope(sealed);
  if (!envelope || !equal(envelope->recipient, recipient.key_id())) return std::nullopt;
  return envelope;
}

Result<Opened> open_by(Secret content_key, const Envelope& envelope, const Commitment& commitment,
                       CertificateCache* known) {
  Secret padded(envelope.ciphertext.size());
  // Both questions are asked whatever the first answer: nothing tells which of them failed.
  const bool tag_holds = gcm_decrypt(content_key.view(), envelope.nonce, {}, envelope.ciphertext,
                                     envelope.tag, {padded.data(), padded.size()});
  const bool committed =
      constant_time_equal(commitment_of(content_key.view()).view(), commitment.view());
  if (!tag_holds || !committed) return unopenable();
  auto verified = verify_signed_data(padded.view(), known);
  if (!verified) return unopenable();
  return Opened{copy_of(verified->content), std::move(verified->signer), verified->signed_at,
                std::move(content_key)};
}

}  // namespace

std::size_t padded_size(std::size_t size) {
  // 2 and 4 KiB, then four steps to each doubling: at most a quarter is padding, and a letter's
  // length tells one of some thirty classes.
  if (size <= bucket_bytes_min) return bucket_bytes_min;
  std::size_t power = bucket_bytes_min;
  while (power * 2 < size)
    power *= 2;
  const std::size_t step = power < 2 * bucket_bytes_min ? power : power / 4;
  const std::size_t padded = power + (size - power + step - 1) / step * step;
  return padded > bucket_bytes_max && size <= bucket_bytes_max ? bucket_bytes_max : padded;
}

Result<Sealed> seal(ByteView content, const PrivateKey& signer,
                    const Certificate& signer_certificate, const Certificate& recipient_sealing,
                    Instant signing_time) {
  LIAISON_CHECK(signer.public_key() == signer_certificate.public_key());
  if (content.size() > content_bytes_max)
    return fail(Reason::too_large, "the letter is over 436 KiB");
  auto made = make_signed_data(content, signer, signer_certificate, signing_time);
  made.resize(padded_size(made.size()));
  Secret padded(std::move(made));  // wiped when it goes
  auto envelope = make_envelope(padded.view(), recipient_sealing);
  LIAISON_CHECK(envelope.der.size() <= sealed_bytes_max);
  return Sealed{std::move(envelope.der), envelope.commitment, std::move(envelope.content_key)};
}

Result<Opened> open(ByteView sealed, const PrivateKey& sealing,
                    const Certificate& sealing_certificate, const Commitment& commitment,
                    CertificateCache* known) {
  const auto envelope = addressed_to(sealing_certificate, sealed);
  if (!envelope) return unopenable();
  return open_by(unwrap_content_key(*envelope, sealing), *envelope, commitment, known);
}

Result<Opened> open_with(ByteView sealed, Secret content_key, const Commitment& commitment) {
  const auto envelope = read_envelope(sealed);
  if (!envelope || content_key.size() != content_key_bytes) return unopenable();
  return open_by(std::move(content_key), *envelope, commitment, nullptr);
}

Commitment commitment_of(ByteView content_key) {
  return Commitment{sha256({as_bytes("liaison cek"), content_key}).octets};
}

Result<Secret> content_key_of(ByteView sealed, const PrivateKey& sealing,
                              const Certificate& sealing_certificate) {
  const auto envelope = addressed_to(sealing_certificate, sealed);
  if (!envelope) return unopenable();
  auto content_key = unwrap_content_key(*envelope, sealing);
  Secret padded(envelope->ciphertext.size());
  if (!gcm_decrypt(content_key.view(), envelope->nonce, {}, envelope->ciphertext, envelope->tag,
                   {padded.data(), padded.size()})) {
    return unopenable();
  }
  return content_key;
}

}  // namespace liaison::crypto
