#include "crypto/request.h"

#include "base/check.h"
#include "crypto/oid.h"
#include "crypto/profile_parts.h"
#include "crypto/x509.h"

namespace liaison::crypto {

namespace {

constexpr auto version_1 = oid::octets(0x02, 1, 0);

Bytes information(ByteView spki, const NodeId& node, const CurveKey& curve,
                  const WitnessKey& witness) {
  const auto asked = der::tlv(der::sequence, {requested_extensions(node, curve, witness)});
  const auto attribute =
      der::tlv(der::sequence, {oid::extension_request, der::tlv(der::set, {asked})});
  return der::tlv(der::sequence, {version_1, sealing_subject(node), spki,
                                  der::tlv(der::context_0_constructed, {attribute})});
}

/// The extensions that are asked for, in what follows the key.
std::optional<std::vector<Extension>> read_asked(der::Reader& inside) {
  const auto attributes = inside.next(der::context_0_constructed);
  auto attribute = attributes ? der::only(attributes->content, der::sequence) : std::nullopt;
  if (!attribute || !attribute->skip(oid::extension_request)) return std::nullopt;
  const auto values = attribute->next(der::set);
  const auto list = values ? der::only(values->content, der::sequence) : std::nullopt;
  return list ? read_extensions(*list) : std::nullopt;
}

}  // namespace

CertificateRequest CertificateRequest::make(const PrivateKey& key, const NodeId& node,
                                            const CurveKey& curve, const WitnessKey& witness) {
  const auto spki = key.public_key().spki();
  return {make_signed_object(information(spki, node, curve, witness), key), node, curve, witness,
          key.public_key()};
}

Result<CertificateRequest> CertificateRequest::parse(ByteView der) {
  const auto malformed = [] {
    return fail(Reason::malformed, "not a certificate request of this exchange's form");
  };
  if (der.size() > request_bytes_max)
    return fail(Reason::too_large, "the certificate request is over 8 KiB");
  if (!der::is_strict(der, 14)) return malformed();
  auto object = read_signed_object(der);
  if (!object || !object->inside.skip(version_1)) return malformed();
  const auto subject = object->inside.next(der::sequence);
  const auto spki = object->inside.next(der::sequence);
  const auto name = subject ? read_name(subject->whole, {oid::common_name}) : std::nullopt;
  const auto asked = spki ? read_asked(object->inside) : std::nullopt;
  if (!name || !asked || asked->size() != 2) return malformed();
  const auto names = read_uris(asked->at(0).value);
  der::Reader last(asked->at(1).value);
  const auto octets = last.next(der::octet_string);
  if (!names || names->size() != 2 || names->at(1).size() < curve_uri.size() || !octets)
    return malformed();

  auto node = NodeId::parse(name->front());
  const auto curve = CurveKey::parse(std::string_view(names->at(1)).substr(curve_uri.size()));
  const auto witness = WitnessKey::from(octets->content);
  auto key = PublicKey::parse(spki->whole);
  if (!node || !curve || !witness || !key) return malformed();
  // As with certificates: one request has one encoding.
  if (!equal(object->signed_part, information(spki->whole, *node, *curve, *witness)))
    return malformed();
  if (!key->verify(object->signed_part, object->signature)) {
    return fail(Reason::untrusted, "the certificate request is not signed by the key it is for");
  }
  return CertificateRequest{copy_of(der), std::move(*node), *curve, *witness, std::move(*key)};
}

}  // namespace liaison::crypto
