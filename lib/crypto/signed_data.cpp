#include "crypto/signed_data.h"

#include <algorithm>

#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/oid.h"
#include "crypto/x509.h"

namespace liaison::crypto {

namespace {

constexpr int signed_data_depth_max = 20;
constexpr auto version_1 = oid::octets(0x02, 1, 1);
constexpr auto digest_algorithms = [] {
  std::array<std::uint8_t, oid::sha256.size() + 2> out{der::set, oid::sha256.size()};
  std::copy(oid::sha256.begin(), oid::sha256.end(), out.begin() + 2);
  return out;
}();

Bytes attribute(ByteView oid, ByteView value) {
  return der::tlv(der::sequence, {oid, der::tlv(der::set, {value})});
}

/// The signed attributes as they are signed, as a SET OF: DER wants them in order of their octets,
/// which for these three is the order of their lengths.
Bytes signed_attributes(const Digest& digest, Instant signing_time) {
  return der::tlv(der::set,
                  {attribute(oid::content_type, oid::data),
                   attribute(oid::signing_time, der::time(signing_time)),
                   attribute(oid::message_digest, der::tlv(der::octet_string, {digest.view()}))});
}

/// The one value of the attribute that comes next, if it is of this kind.
std::optional<der::Element> read_attribute(der::Reader& attributes, ByteView oid) {
  auto inside = attributes.enter(der::sequence);
  if (!inside || !inside->skip(oid)) return std::nullopt;
  auto values = inside->enter(der::set);
  if (!values || !inside->at_end()) return std::nullopt;
  const auto value = values->next();
  if (!value || !values->at_end()) return std::nullopt;
  return value;
}

struct SignerInfo {
  ByteView issuer_and_serial;
  Instant signed_at;
  ByteView digest;
  Bytes attributes;  ///< as they were signed
  ByteView signature;
};

std::optional<SignerInfo> read_signer(der::Reader inside) {
  SignerInfo out;
  if (!inside.skip(version_1)) return std::nullopt;
  const auto id = inside.next(der::sequence);
  if (!id || !inside.skip(oid::sha256)) return std::nullopt;
  out.issuer_and_serial = id->content;
  const auto list = inside.next(der::context_0_constructed);
  if (!list || !inside.skip(oid::ecdsa_sha256)) return std::nullopt;
  const auto signature = inside.next(der::octet_string);
  if (!signature || !inside.at_end()) return std::nullopt;  // no unsigned attributes
  out.signature = signature->content;
  out.attributes = der::tlv(der::set, {list->content});

  der::Reader attributes(list->content);
  const auto type = read_attribute(attributes, oid::content_type);
  const auto time = read_attribute(attributes, oid::signing_time);
  const auto digest = read_attribute(attributes, oid::message_digest);
  const auto at = time ? der::read_time(*time) : std::nullopt;
  if (!type || !equal(type->whole, oid::data) || !at || !digest || digest->tag != der::octet_string)
    return std::nullopt;
  // `openssl cms -sign` adds the ciphers it likes, unless told not to; they mean nothing here.
  if (!attributes.at_end() &&
      (!read_attribute(attributes, oid::smime_capabilities) || !attributes.at_end())) {
    return std::nullopt;
  }
  out.signed_at = *at;
  out.digest = digest->content;
  return out;
}

}  // namespace

Bytes make_signed_data(ByteView content, const PrivateKey& signer, const Certificate& certificate,
                       Instant signing_time) {
  const auto attributes = signed_attributes(sha256(content), signing_time);
  const auto signature = signer.sign(attributes);
  const auto id =
      der::tlv(der::sequence, {certificate.issuer(), certificate.parts().serial_integer});
  der::Reader list(attributes);
  const auto info =
      der::tlv(der::sequence, {version_1, id, oid::sha256,
                               der::tlv(der::context_0_constructed, {list.next()->content}),
                               oid::ecdsa_sha256, der::tlv(der::octet_string, {signature})});
  const auto signers = der::tlv(der::set, {info});
  const auto certificates = der::tlv(der::context_0_constructed, {certificate.der()});

  const auto sized = [](std::size_t size) { return der::header_size(size) + size; };
  const std::size_t encapsulated_size = oid::data.size() + sized(sized(content.size()));
  const std::size_t data_size = version_1.size() + digest_algorithms.size() +
                                sized(encapsulated_size) + certificates.size() + signers.size();
  const std::size_t outer_size = oid::signed_data.size() + sized(sized(data_size));
  Bytes out;
  out.reserve(sized(outer_size));
  der::append_header(out, der::sequence, outer_size);
  der::append(out, oid::signed_data);
  der::append_header(out, der::context_0_constructed, sized(data_size));
  der::append_header(out, der::sequence, data_size);
  der::append(out, version_1);
  der::append(out, digest_algorithms);
  der::append_header(out, der::sequence, encapsulated_size);
  der::append(out, oid::data);
  der::append_header(out, der::context_0_constructed, sized(content.size()));
  der::append_header(out, der::octet_string, content.size());
  der::append(out, content);
  der::append(out, certificates);
  der::append(out, signers);
  return out;
}

std::size_t signed_data_overhead_max(std::size_t certificate_size) {
  // The signer info repeats the issuer's name, which is shorter than the certificate.
  return 2 * certificate_size + 512;
}

std::optional<VerifiedData> verify_signed_data(ByteView padded, CertificateCache* known) {
  der::Reader front(padded);
  const auto object = front.next(der::sequence);
  const auto padding = front.rest();
  if (!object ||
      std::any_of(padding.begin(), padding.end(), [](std::uint8_t octet) { return octet != 0; }) ||
      !der::is_strict(object->whole, signed_data_depth_max)) {
    return std::nullopt;
  }
  der::Reader outer(object->content);
  if (!outer.skip(oid::signed_data)) return std::nullopt;
  auto wrapped = outer.enter(der::context_0_constructed);
  auto data = wrapped ? wrapped->enter(der::sequence) : std::nullopt;
  if (!data || !wrapped->at_end() || !outer.at_end() || !data->skip(version_1) ||
      !data->skip(digest_algorithms)) {
    return std::nullopt;
  }
  // The content must be plain data: nothing compressed, encrypted or signed again inside.
  auto encapsulated = data->enter(der::sequence);
  if (!encapsulated || !encapsulated->skip(oid::data)) return std::nullopt;
  auto explicit_content = encapsulated->enter(der::context_0_constructed);
  const auto content = explicit_content ? explicit_content->next(der::octet_string) : std::nullopt;
  if (!content || !explicit_content->at_end() || !encapsulated->at_end()) return std::nullopt;
  const auto certificates = data->next(der::context_0_constructed);
  const auto signers = data->next(der::set);
  if (!certificates || !signers || !data->at_end()) return std::nullopt;  // no revocation lists
  const auto one = der::only(signers->content, der::sequence);
  auto signer = one ? read_signer(*one) : std::nullopt;
  if (!signer || !equal(signer->digest, sha256(content->content).view())) return std::nullopt;

  // Reading one certificate takes all of the field, so a second one is refused.
  auto certificate = known != nullptr ? known->parse(certificates->content)
                                      : Certificate::parse(certificates->content);
  if (!certificate) return std::nullopt;
  Bytes id = certificate->issuer();
  der::append(id, certificate->parts().serial_integer);
  if (!equal(signer->issuer_and_serial, id) ||
      !certificate->public_key().verify(signer->attributes, signer->signature)) {
    return std::nullopt;
  }
  return VerifiedData{content->content, std::move(*certificate), signer->signed_at};
}

}  // namespace liaison::crypto
