#include "base/check.h"
#include "crypto/oid.h"
#include "crypto/profile_parts.h"
#include "crypto/x509.h"

namespace liaison::crypto {

namespace {

constexpr auto not_an_authority = oid::octets(0x30, 0);
constexpr auto authority_of_leaves =
    oid::octets(0x30, 6, 0x01, 1, 0xff, 0x02, 1, 0);  // CA, path length 0
// KeyUsage bits (RFC 5280, 4.2.1.3)
constexpr auto digital_signature = oid::octets(0x03, 2, 7, 0x80);
constexpr auto key_agreement = oid::octets(0x03, 2, 3, 0x08);
constexpr auto certificate_and_list_sign = oid::octets(0x03, 2, 1, 0x06);

Bytes join(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (const auto part : parts)
    der::append(out, part);
  return out;
}

Bytes names_extension(const NodeId& node, const CurveKey& curve) {
  const auto of_node = std::string(node_uri) + node.text();
  const auto of_curve = std::string(curve_uri) + curve.text();
  return extension(oid::subject_alt_name, Critical::no, {uris({of_node, of_curve})});
}

Bytes witness_extension(const WitnessKey& witness) {
  return extension(oid::witness, Critical::no, {der::tlv(der::octet_string, {witness.view()})});
}

}  // namespace

Bytes signing_subject(const SigningProfile& profile) {
  return name({{oid::organization, profile.organisation}, {oid::common_name, profile.node.text()}});
}
Bytes sealing_subject(const NodeId& node) {
  return name({{oid::common_name, node.text()}});
}
Bytes authority_subject(std::string_view text) {
  return name({{oid::common_name, text}});
}

Bytes signing_extensions(const SigningProfile& profile, const PublicKey& key,
                         ByteView issuer_key_id) {
  Bytes list;
  for (const auto each : profile.capabilities.list()) {
    der::append(list, der::tlv(der::utf8_string, {as_bytes(name_of(each))}));
  }
  // A node is no certificate authority, although it signs its own sealing certificates: with
  // keyCertSign and CA any verifier would take certificates that it makes in another's name. That
  // its key signed the sealing certificate is checked by check_sealing alone.
  return join({extension(oid::basic_constraints, Critical::yes, {not_an_authority}),
               extension(oid::key_usage, Critical::yes, {digital_signature}),
               extension(oid::extended_key_usage, Critical::no,
                         {der::tlv(der::sequence, {oid::email_protection})}),
               subject_key_id_extension(key_id_of(key)), authority_key_id_extension(issuer_key_id),
               names_extension(profile.node, profile.curve),
               extension(oid::role, Critical::no,
                         {der::tlv(der::utf8_string, {as_bytes(name_of(profile.role))})}),
               extension(oid::capabilities, Critical::no, {der::tlv(der::sequence, {list})}),
               witness_extension(profile.witness)});
}

Bytes sealing_extensions(const NodeId& node, const PublicKey& key, ByteView issuer_key_id) {
  const auto of_node = std::string(node_uri) + node.text();
  return join({extension(oid::basic_constraints, Critical::yes, {not_an_authority}),
               extension(oid::key_usage, Critical::yes, {key_agreement}),
               subject_key_id_extension(key_id_of(key)), authority_key_id_extension(issuer_key_id),
               extension(oid::subject_alt_name, Critical::no, {uris({of_node})})});
}

Bytes authority_extensions(const PublicKey& key) {
  const auto id = key_id_of(key);
  return join({extension(oid::basic_constraints, Critical::yes, {authority_of_leaves}),
               extension(oid::key_usage, Critical::yes, {certificate_and_list_sign}),
               subject_key_id_extension(id), authority_key_id_extension(id)});
}

Bytes requested_extensions(const NodeId& node, const CurveKey& curve, const WitnessKey& witness) {
  return join({names_extension(node, curve), witness_extension(witness)});
}

Certificate issue_authority(const PrivateKey& key, const std::string& name, Instant now,
                            std::chrono::days life) {
  LIAISON_CHECK(is_organisation(name) && life <= authority_days_max);
  const auto subject = authority_subject(name);
  return make_certificate({subject, now - issued_before, now + life, subject,
                           key.public_key().spki(), authority_extensions(key.public_key())},
                          key);
}

Certificate issue_signing(const PublicKey& key, const SigningProfile& profile,
                          const PrivateKey& authority_key, const Certificate& authority,
                          Instant now, std::chrono::days life) {
  LIAISON_CHECK(is_organisation(profile.organisation) && !profile.node.empty() &&
                life <= signing_days);
  return make_certificate(
      {authority.subject(), now - issued_before, now + life, signing_subject(profile), key.spki(),
       signing_extensions(profile, key, authority.key_id())},
      authority_key);
}

Certificate issue_sealing(const PublicKey& sealing_key, const PrivateKey& signing_key,
                          const Certificate& signing, Instant now) {
  const auto profile = read_signing(signing);
  LIAISON_CHECK(profile.has_value());
  return make_certificate(
      {signing.subject(), now - issued_before, now + sealing_days, sealing_subject(profile->node),
       sealing_key.spki(), sealing_extensions(profile->node, sealing_key, signing.key_id())},
      signing_key);
}

}  // namespace liaison::crypto
