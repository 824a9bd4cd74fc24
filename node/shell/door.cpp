#include "node/shell/door.h"

#include <algorithm>

#include "base/deliberate_bug.h"
#include "certs/renewal.h"
#include "crypto/seal.h"
#include "wire/key_alarm.h"
#include "wire/registry.h"

/// The registry's entries.
namespace liaison::node {

const crypto::Certificate* Door::certificate(const Fingerprint& fingerprint) const {
  auto at = certificates_.find(fingerprint);
  return at == certificates_.end() ? nullptr : &at->second;
}

Result<crypto::SigningProfile> Door::check_own(const crypto::Certificate& certificate, Instant at) {
  return chains_.check_signing(certificate, at);
}

std::optional<crypto::RevocationList> Door::read_revocations(ByteView body) const {
  auto list = crypto::RevocationList::parse(body);
  if (!list || !list->verify(chains_.authority())) return std::nullopt;
  return std::move(*list);
}

Door::Learnt Door::learn(const wire::RegistryEntry& entry, const Peers& peers, Instant first_seen) {
  switch (entry.kind) {
    case wire::EntryKind::signing_certificate:
      return learn_signing(entry, first_seen);
    case wire::EntryKind::sealing_certificate:
      return learn_sealing(entry);
    case wire::EntryKind::revocation_list: {
      Learnt out;
      out.revocations = read_revocations(entry.body);
      return out;
    }
    case wire::EntryKind::listing:
      return learn_listing(entry, peers);
    case wire::EntryKind::key_alarm: {
      Learnt out;
      out.key_alarm = read_key_alarm(entry.body, peers, entry.at);
      return out;
    }
    case wire::EntryKind::authority:
    case wire::EntryKind::act:
    case wire::EntryKind::log_key:  // FollowedLogs reads them
      return {};
  }
  return {};
}

std::optional<StoredKeyAlarm> Door::read_key_alarm(ByteView octets, const Peers& peers,
                                                   Instant at) const {
  const auto signed_ = wire::decode_signed_key_alarm(octets);
  if (!signed_) return std::nullopt;
  const auto alarm = wire::decode_key_alarm(signed_->body);
  const auto* signer = certificate(signed_->certificate);
  const auto* fact = peers.signing(signed_->certificate);
  if (!alarm || signer == nullptr || fact == nullptr || fact->node != alarm->node ||
      !signer->public_key().verify(wire::signed_bytes_of_key_alarm(signed_->body),
                                   signed_->signature))
    return std::nullopt;
  return StoredKeyAlarm{alarm->node, alarm->contested, signed_->certificate, copy_of(octets), at,
                        false};
}

namespace {
SigningFact fact_of(const crypto::Certificate& certificate, const crypto::SigningProfile& profile,
                    Instant first_seen) {
  SigningFact fact;
  fact.fingerprint = certificate.fingerprint();
  fact.serial = certificate.serial();
  fact.node = profile.node;
  fact.organisation = profile.organisation;
  fact.role = profile.role;
  fact.capabilities = profile.capabilities;
  fact.not_before = certificate.not_before();
  fact.not_after = certificate.not_after();
  fact.first_seen = first_seen;
  return fact;
}
}  // namespace

Door::Learnt Door::learn_signing(const wire::RegistryEntry& entry, Instant first_seen) {
  Learnt out;
  auto issued = wire::decode_issued_certificate(entry.body);
  if (!issued) return out;
  auto certificate = crypto::Certificate::parse(issued->certificate);
  if (!certificate) return out;
  // Whether it holds at a given time is asked when something rests on it; here, whether it is the
  // authority's at all.
  auto profile = chains_.check_signing(*certificate, certificate->not_before());
  if (!profile) return out;
  out.signing = fact_of(*certificate, *profile, first_seen);
  if (const auto* previous = this->certificate(issued->previous);
      previous != nullptr &&
      certs::check_continuity({issued->previous, issued->continuity}, *previous, *certificate))
    out.signing->signed_by = issued->previous;
  if (certificates_.emplace(certificate->fingerprint(), *certificate).second)
    signing_by_subject_[certificate->subject()].push_back(certificate->fingerprint());
  out.certificate = std::move(*certificate);
  return out;
}

Door::Learnt Door::learn_sealing(const wire::RegistryEntry& entry) {
  Learnt out;
  auto sealing = crypto::Certificate::parse(entry.body);
  if (!sealing) return out;
  auto by = signing_by_subject_.find(sealing->issuer());
  if (by == signing_by_subject_.end()) return out;
  // A node's certificates have one subject; the newest that verifies it issued it.
  for (auto each = by->second.rbegin(); each != by->second.rend(); ++each) {
    const auto& signing = certificates_.at(*each);
    auto node = chains_.check_sealing(*sealing, signing, sealing->not_before());
    if (!node) continue;
    out.sealing = SealingFact{sealing->fingerprint(), *each, *node, sealing->not_before(),
                              sealing->not_after()};
    certificates_.emplace(sealing->fingerprint(), *sealing);
    out.certificate = std::move(*sealing);
    return out;
  }
  return out;
}

Door::Learnt Door::learn_listing(const wire::RegistryEntry& entry, const Peers& peers) {
  Learnt out;
  auto published = wire::decode_signed_listing(entry.body);
  if (!published) return out;
  auto listing = wire::decode_listing(published->body);
  const auto* signer = certificate(published->certificate);
  const auto* fact = peers.signing(published->certificate);
  if (!listing || signer == nullptr || fact == nullptr || fact->node != listing->publisher)
    return out;
  if (!signer->public_key().verify(wire::signed_bytes_of_listing(published->body),
                                   published->signature))
    return out;
  out.listing = ListingView{listing->publisher,    fact->organisation,    listing->service,
                            listing->version,      listing->published_at, listing->closed,
                            listing->open_referral};
  out.listed_by = published->certificate;
  return out;
}

Result<Door::Learnt> Door::relearn(const Bytes& der, bool is_sealing,
                                   const std::optional<Fingerprint>& under, Instant first_seen,
                                   bool confirmed) {
  auto certificate = crypto::Certificate::parse(der);
  if (!certificate) return fail(certificate.error());
  Learnt out;
  if (is_sealing) {
    const auto* signing = under ? this->certificate(*under) : nullptr;
    if (signing == nullptr) return fail(Reason::not_found, "its issuer is not known");
    auto profile = crypto::read_signing(*signing);
    if (!profile) return fail(profile.error());
    out.sealing = SealingFact{certificate->fingerprint(), *under, profile->node,
                              certificate->not_before(), certificate->not_after()};
  } else {
    auto profile = crypto::read_signing(*certificate);
    if (!profile) return fail(profile.error());
    out.signing = fact_of(*certificate, *profile, first_seen);
    out.signing->signed_by = under;
    out.signing->confirmed = confirmed;
    signing_by_subject_[certificate->subject()].push_back(certificate->fingerprint());
  }
  certificates_.emplace(certificate->fingerprint(), *certificate);
  out.certificate = std::move(*certificate);
  return out;
}

}  // namespace liaison::node
