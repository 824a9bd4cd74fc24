#include "crypto/profile.h"

#include <algorithm>

#include "crypto/internal.h"
#include "crypto/oid.h"
#include "crypto/profile_parts.h"
#include "crypto/x509.h"

namespace liaison::crypto {

namespace {

tl::unexpected<Error> untrusted() {
  return fail(Reason::untrusted, "the certificate is not one that this exchange trusts");
}

Result<void> check_time(const Certificate& certificate, Instant at) {
  if (at < certificate.not_before()) {
    return fail(Reason::expired, "the certificate is not valid before " +
                                     to_rfc3339(certificate.not_before()) +
                                     ": one of the two clocks is wrong");
  }
  if (at > certificate.not_after()) {
    return fail(Reason::expired, "the certificate was valid until " +
                                     to_rfc3339(certificate.not_after()) + ": renew it");
  }
  return {};
}

std::string after(std::string_view prefix, std::string_view text) {
  return text.substr(0, prefix.size()) == prefix ? std::string(text.substr(prefix.size()))
                                                 : std::string();
}

/// The key identifier that the certificate names for its issuer.
std::optional<Bytes> read_issuer_key_id(const Certificate& certificate) {
  const auto* const found = find_extension(certificate.parts().extensions, oid::authority_key_id);
  auto inside = found != nullptr ? der::only(found->value, der::sequence) : std::nullopt;
  const auto id = inside ? inside->next(der::context_0) : std::nullopt;
  if (!id || !inside->at_end()) return std::nullopt;
  return copy_of(id->content);
}

std::optional<ByteView> read_octets(const Certificate& certificate, ByteView oid,
                                    std::uint8_t tag) {
  const auto* const found = find_extension(certificate.parts().extensions, oid);
  if (found == nullptr) return std::nullopt;
  der::Reader reader(found->value);
  const auto element = reader.next(tag);
  if (!element || !reader.at_end()) return std::nullopt;
  return element->content;
}

std::optional<std::vector<std::string>> read_names(const Certificate& certificate) {
  const auto* const found = find_extension(certificate.parts().extensions, oid::subject_alt_name);
  return found == nullptr ? std::nullopt : read_uris(found->value);
}

bool is_life(const Certificate& certificate, std::chrono::days longest) {
  const auto life = certificate.not_after() - certificate.not_before();
  return life > Duration::zero() && life <= longest + issued_before;
}

bool is_issued_by(const Certificate& certificate, const Certificate& issuer) {
  const auto& parts = certificate.parts();
  const auto key_id = read_issuer_key_id(certificate);
  return key_id == issuer.key_id() && certificate.issuer() == issuer.subject() &&
         issuer.public_key().verify(parts.signed_part, parts.signature);
}

X509Ptr to_openssl(const Certificate& certificate) {
  const unsigned char* at = certificate.der().data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
}

/// OpenSSL's own judgement of the chain, whatever the time: a second opinion beside ours.
bool openssl_agrees(const Certificate& certificate, const Certificate& authority) {
  const auto leaf = to_openssl(certificate);
  const auto root = to_openssl(authority);
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  bool holds = leaf && root && store && context &&
               X509_STORE_add_cert(store.get(), root.get()) == 1 &&
               X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr) == 1;
  if (holds) {
    auto* const rules = X509_STORE_CTX_get0_param(context.get());
    holds = X509_VERIFY_PARAM_set_flags(rules,
                                        X509_V_FLAG_X509_STRICT | X509_V_FLAG_NO_CHECK_TIME) == 1 &&
            X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SMIME_SIGN) == 1;
    X509_VERIFY_PARAM_set_depth(rules, 1);
    holds = holds && X509_verify_cert(context.get()) == 1;
  }
  forget_errors();
  return holds;
}

/// Everything of check_signing but the time.
Result<SigningProfile> check_signing_but_time(const Certificate& certificate,
                                              const Certificate& authority) {
  auto profile = read_signing(certificate);
  if (!profile || !is_authority(authority) || !is_issued_by(certificate, authority) ||
      !openssl_agrees(certificate, authority)) {
    return untrusted();
  }
  return profile;
}

Result<NodeId> check_sealing_but_time(const Certificate& sealing, const Certificate& signing) {
  const auto names = read_names(sealing);
  if (!names || names->size() != 1 || !is_life(sealing, sealing_days)) return untrusted();
  const auto node = NodeId::parse(after(node_uri, names->front()));
  if (!node || sealing.subject() != sealing_subject(*node) ||
      !equal(sealing.parts().extension_list,
             sealing_extensions(*node, sealing.public_key(), signing.key_id()))) {
    return untrusted();
  }
  const auto issuer = read_signing(signing);
  if (!issuer || issuer->node != *node || !is_issued_by(sealing, signing)) return untrusted();
  return *node;
}

}  // namespace

bool is_organisation(std::string_view text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char each) {
    return (static_cast<unsigned char>(each) & 0xc0U) !=
           0x80U;  // not a continuation octet of UTF-8
  });
  const bool printable = std::all_of(text.begin(), text.end(), [](char each) {
    return static_cast<unsigned char>(each) >= 0x20 && each != 0x7f;
  });
  return characters >= 1 && characters <= 64 && printable && is_utf8(text) && text.front() != ' ' &&
         text.back() != ' ';
}

Result<SigningProfile> read_signing(const Certificate& certificate) {
  const auto subject = read_name(certificate.subject(), {oid::organization, oid::common_name});
  const auto names = read_names(certificate);
  const auto issuer_key_id = read_issuer_key_id(certificate);
  const auto role_text = read_octets(certificate, oid::role, der::utf8_string);
  const auto list = read_octets(certificate, oid::capabilities, der::sequence);
  const auto witness = read_octets(certificate, oid::witness, der::octet_string);
  if (!subject || !names || names->size() != 2 || !issuer_key_id || !role_text || !list || !witness)
    return untrusted();

  auto node = NodeId::parse(after(node_uri, names->at(0)));
  const auto curve = CurveKey::parse(after(curve_uri, names->at(1)));
  const auto role = parse_role(as_text(*role_text));
  const auto witness_key = WitnessKey::from(*witness);
  if (!node || !curve || !role || !witness_key || !is_organisation(subject->at(0)))
    return untrusted();
  SigningProfile out{std::move(*node), subject->at(0), *role, {}, *curve, *witness_key};
  der::Reader each(*list);
  while (!each.at_end()) {
    const auto text = each.next(der::utf8_string);
    const auto capability =
        text ? parse_capability(as_text(text->content)) : Result<Capability>(untrusted());
    if (!capability) return untrusted();
    out.capabilities.add(*capability);
  }
  // One profile has one encoding: write it anew and compare. Order, criticality, key usage and
  // whatever else there could be are checked by that.
  if (certificate.subject() != signing_subject(out) || !is_life(certificate, signing_days) ||
      !equal(certificate.parts().extension_list,
             signing_extensions(out, certificate.public_key(), *issuer_key_id))) {
    return untrusted();
  }
  return out;
}

bool is_authority(const Certificate& certificate) {
  const auto subject = read_name(certificate.subject(), {oid::common_name});
  return subject && is_organisation(subject->front()) && is_life(certificate, authority_days_max) &&
         equal(certificate.parts().extension_list,
               authority_extensions(certificate.public_key())) &&
         is_issued_by(certificate, certificate);
}

Result<void> check_authority(const Certificate& authority, Instant at) {
  if (!is_authority(authority)) return untrusted();
  return check_time(authority, at);
}

namespace {

template <class T>
Result<T> if_valid(Result<T> profile, const Certificate& certificate, const Certificate& issuer,
                   Instant at) {
  if (!profile) return profile;
  for (const auto* each : {&certificate, &issuer}) {
    if (const auto in_time = check_time(*each, at); !in_time) return fail(in_time.error());
  }
  return profile;
}

}  // namespace

Result<SigningProfile> check_signing(const Certificate& certificate, const Certificate& authority,
                                     Instant at) {
  return if_valid(check_signing_but_time(certificate, authority), certificate, authority, at);
}

Result<NodeId> check_sealing(const Certificate& sealing, const Certificate& signing, Instant at) {
  return if_valid(check_sealing_but_time(sealing, signing), sealing, sealing, at);
}

Result<SigningProfile> ChainCache::check_signing(const Certificate& certificate, Instant at) {
  auto found = signing_.find(certificate.fingerprint());
  if (found == signing_.end()) {
    auto profile = check_signing_but_time(certificate, authority_);
    if (!profile) return profile;
    if (signing_.size() >= limit_) signing_.clear();
    found = signing_.emplace(certificate.fingerprint(), std::move(*profile)).first;
  }
  return if_valid(Result<SigningProfile>(found->second), certificate, authority_, at);
}

Result<NodeId> ChainCache::check_sealing(const Certificate& sealing, const Certificate& signing,
                                         Instant at) {
  auto found = sealing_.find(sealing.fingerprint());
  if (found == sealing_.end() || found->second.first != signing.fingerprint()) {
    auto node = check_sealing_but_time(sealing, signing);
    if (!node) return node;
    if (sealing_.size() >= limit_) sealing_.clear();
    found = sealing_
                .insert_or_assign(sealing.fingerprint(),
                                  std::pair(signing.fingerprint(), std::move(*node)))
                .first;
  }
  return if_valid(Result<NodeId>(found->second.second), sealing, sealing, at);
}

}  // namespace liaison::crypto
