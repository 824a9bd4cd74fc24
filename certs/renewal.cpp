#include "certs/renewal.h"

#include "crypto/digest.h"

namespace liaison::certs {

namespace {

Bytes statement(const Fingerprint& previous, const crypto::PublicKey& key, const CurveKey& curve,
                const crypto::WitnessKey& witness) {
  static constexpr char title[] =
      "liaison continuity 1";  // its closing 00 is part of the statement
  Bytes out(std::begin(title), std::end(title));
  const auto digest = crypto::sha256(key.spki());
  for (const auto part : {previous.view(), digest.view(), curve.view(), witness.view()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

tl::unexpected<Error> no_continuity() {
  return fail(Reason::untrusted, "the new key is not signed by the node's previous one");
}

}  // namespace

Renewal make_renewal(const NodeId& node, const crypto::PrivateKey& new_key, const CurveKey& curve,
                     const crypto::WitnessKey& witness, const crypto::PrivateKey& previous_key,
                     const crypto::Certificate& previous) {
  const auto signature =
      previous_key.sign(statement(previous.fingerprint(), new_key.public_key(), curve, witness));
  return {crypto::CertificateRequest::make(new_key, node, curve, witness).der,
          {previous.fingerprint(), signature}};
}

Result<crypto::CertificateRequest> check_renewal(const Renewal& renewal,
                                                 const crypto::Certificate& previous) {
  auto request = crypto::CertificateRequest::parse(renewal.request);
  if (!request) return request;
  const auto profile = crypto::read_signing(previous);
  if (!profile) return fail(profile.error());
  if (profile->node != request->node) {
    return fail(Reason::forbidden, "the renewal is for " + request->node.text() +
                                       ", the previous certificate is of " + profile->node.text());
  }
  if (request->public_key == previous.public_key()) {
    return fail(Reason::forbidden, "a renewal needs a fresh key, this one is for the previous key");
  }
  if (renewal.continuity.previous != previous.fingerprint() ||
      !previous.public_key().verify(
          statement(previous.fingerprint(), request->public_key, request->curve, request->witness),
          renewal.continuity.signature)) {
    return no_continuity();
  }
  return request;
}

Result<void> check_continuity(const Continuity& continuity, const crypto::Certificate& previous,
                              const crypto::Certificate& next) {
  const auto before = crypto::read_signing(previous);
  const auto after = crypto::read_signing(next);
  if (!before || !after || before->node != after->node ||
      continuity.previous != previous.fingerprint() || next.public_key() == previous.public_key() ||
      !previous.public_key().verify(
          statement(previous.fingerprint(), next.public_key(), after->curve, after->witness),
          continuity.signature)) {
    return no_continuity();
  }
  return {};
}

}  // namespace liaison::certs
