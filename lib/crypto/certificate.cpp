#include "crypto/certificate.h"

#include "crypto/digest.h"
#include "crypto/oid.h"
#include "crypto/pem.h"
#include "crypto/signature.h"
#include "crypto/x509.h"

namespace liaison::crypto {

namespace {

constexpr int certificate_depth_max = 12;

/// Key identifier in the subjectKeyIdentifier extension, if there is one and it is well formed.
std::optional<Bytes> read_key_id(const std::vector<Extension>& extensions) {
  const auto* const found = find_extension(extensions, oid::subject_key_id);
  if (found == nullptr) return Bytes{};
  der::Reader reader(found->value);
  const auto id = reader.next(der::octet_string);
  if (!id || !reader.at_end() || id->content.empty() || id->content.size() > 32)
    return std::nullopt;
  return copy_of(id->content);
}

}  // namespace

Result<Certificate> Certificate::parse(ByteView der) {
  static constexpr auto version_3 = oid::octets(0xa0, 3, 0x02, 1, 2);
  const auto malformed = [] {
    return fail(Reason::malformed, "not a certificate of this exchange's form");
  };
  if (der.size() > certificate_bytes_max)
    return fail(Reason::too_large, "the certificate is over 8 KiB");
  if (!der::is_strict(der, certificate_depth_max)) return malformed();

  Bytes kept = copy_of(der);
  auto object = read_signed_object(kept);
  if (!object || !object->inside.skip(version_3)) return malformed();
  if (!is_low(object->signature)) {
    return fail(Reason::malformed,
                "the certificate's signature is not in its one form: the shortest DER, with s at "
                "most half the order of P-256");
  }
  auto& inside = object->inside;
  const auto serial = inside.next(der::integer);
  if (!serial || serial->content.size() > 20 || !inside.skip(oid::ecdsa_sha256)) return malformed();
  auto magnitude = der::read_unsigned(serial->content);
  if (!magnitude || magnitude->empty()) return malformed();
  const auto issuer = inside.next(der::sequence);
  auto validity = inside.enter(der::sequence);
  if (!issuer || !validity) return malformed();
  const auto from = validity->next();
  const auto until = validity->next();
  if (!from || !until || !validity->at_end()) return malformed();
  const auto not_before = der::read_time(*from);
  const auto not_after = der::read_time(*until);
  const auto subject = inside.next(der::sequence);
  const auto spki = inside.next(der::sequence);
  const auto wrapped = inside.next(der::context_3_constructed);
  if (!not_before || !not_after || !subject || !spki || !wrapped || !inside.at_end())
    return malformed();
  const auto list = der::only(wrapped->content, der::sequence);
  auto extensions = list ? read_extensions(*list) : std::nullopt;
  auto key_id = extensions ? read_key_id(*extensions) : std::nullopt;
  if (!key_id) return malformed();
  auto key = PublicKey::parse(spki->whole);
  if (!key) return fail(key.error());

  // The views point into `kept`, whose octets stay where they are when it is moved.
  auto parts = std::make_shared<Parts>(Parts{{},
                                             Fingerprint{sha256(kept).octets},
                                             std::move(*magnitude),
                                             copy_of(serial->whole),
                                             *not_before,
                                             *not_after,
                                             std::move(*key),
                                             copy_of(subject->whole),
                                             copy_of(issuer->whole),
                                             std::move(*key_id),
                                             object->signed_part,
                                             object->signature,
                                             list->rest(),
                                             std::move(*extensions)});
  parts->der = std::move(kept);
  return Certificate(std::move(parts));
}

const Bytes& Certificate::der() const {
  return parts_->der;
}
std::string Certificate::pem() const {
  return to_pem("CERTIFICATE", parts_->der);
}
const Fingerprint& Certificate::fingerprint() const {
  return parts_->fingerprint;
}
const Serial& Certificate::serial() const {
  return parts_->serial;
}
Instant Certificate::not_before() const {
  return parts_->not_before;
}
Instant Certificate::not_after() const {
  return parts_->not_after;
}
const PublicKey& Certificate::public_key() const {
  return parts_->key;
}
const Bytes& Certificate::subject() const {
  return parts_->subject;
}
const Bytes& Certificate::issuer() const {
  return parts_->issuer;
}
const Bytes& Certificate::key_id() const {
  return parts_->key_id;
}

Result<Certificate> certificate_from_pem(std::string_view text) {
  const auto der = from_pem("CERTIFICATE", text, certificate_bytes_max);
  if (!der) return fail(der.error());
  return Certificate::parse(*der);
}

Result<Certificate> CertificateCache::parse(ByteView der) {
  if (der.size() > certificate_bytes_max)
    return fail(Reason::too_large, "the certificate is over 8 KiB");
  const Fingerprint fingerprint{sha256(der).octets};
  const auto found = known_.find(fingerprint);
  if (found != known_.end()) return found->second;
  auto parsed = Certificate::parse(der);
  if (!parsed) return parsed;
  if (known_.size() >= limit_) known_.clear();
  known_.emplace(fingerprint, *parsed);
  return parsed;
}

}  // namespace liaison::crypto
