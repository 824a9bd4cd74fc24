#include "broker/shell/door.h"

#include <algorithm>

#include "certs/renewal.h"
#include "crypto/digest.h"
#include "wire/key_alarm.h"

namespace liaison::broker {

namespace {

Error refusal(Reason reason, const char* text) {
  return {reason, text};
}

Facts facts_of_list(const crypto::RevocationList& list) {
  RevocationFacts out;
  out.number = list.number();
  for (const auto& entry : list.entries())
    out.serials.push_back(entry.serial);
  return out;
}

Result<KeyAlarmFacts> facts_of_key_alarm(const wire::SignedKeyAlarm& alarm) {
  auto content = wire::decode_key_alarm(alarm.body);
  if (!content) return fail(content.error());
  return KeyAlarmFacts{std::move(content->node), content->contested, alarm.certificate};
}

}  // namespace

SigningFacts facts_of(const crypto::Certificate& certificate, const crypto::SigningProfile& profile,
                      const wire::IssuedCertificate& issued) {
  SigningFacts out;
  out.node = profile.node;
  out.organisation = profile.organisation;
  out.role = profile.role;
  out.capabilities = profile.capabilities;
  out.curve = profile.curve;
  out.fingerprint = certificate.fingerprint();
  out.serial = certificate.serial();
  out.not_before = certificate.not_before();
  out.not_after = certificate.not_after();
  out.reason = issued.reason;
  out.previous = issued.previous;
  out.continuity = issued.continuity;
  out.certificate = certificate.der();
  return out;
}

Result<CheckedEntry> Door::check(wire::EntryKind kind, Bytes body, const Registry& registry,
                                 Instant now) {
  Result<Facts> facts = fail(Reason::forbidden, "nodes do not publish entries of this kind");
  switch (kind) {
    case wire::EntryKind::authority:
    case wire::EntryKind::act:
    case wire::EntryKind::log_key:
      break;
    case wire::EntryKind::key_alarm:
      facts = check_key_alarm(body, registry);
      break;
    case wire::EntryKind::signing_certificate:
      facts = check_signing(body, registry, now);
      break;
    case wire::EntryKind::sealing_certificate:
      facts = check_sealing(body, registry, now);
      break;
    case wire::EntryKind::revocation_list:
      facts = check_list(body);
      break;
    case wire::EntryKind::listing:
      facts = check_listing(body, registry);
      break;
  }
  if (!facts) return fail(facts.error());
  const auto digest = crypto::sha256(body);
  return CheckedEntry{kind, std::move(body), digest, std::move(*facts)};
}

Result<Facts> Door::check_signing(ByteView body, const Registry& registry, Instant now) {
  auto issued = wire::decode_issued_certificate(body);
  if (!issued) return fail(issued.error());
  auto certificate = crypto::Certificate::parse(issued->certificate);
  if (!certificate) return fail(certificate.error());
  // One that has ended still says who a node was, and lets it renew: it is judged at a time of its
  // own.
  const auto at = std::clamp(now, certificate->not_before(), certificate->not_after());
  auto profile = chains_.check_signing(*certificate, at);
  if (!profile) return fail(profile.error());
  if (issued->reason == wire::IssueReason::renewed) {
    if (const auto* previous = registry.signing(issued->previous)) {
      auto before = known_.parse(previous->facts.certificate);
      if (!before) return fail(before.error());
      auto continues =
          certs::check_continuity({issued->previous, issued->continuity}, *before, *certificate);
      if (!continues) return fail(continues.error());
    }
  }
  return facts_of(*certificate, *profile, *issued);
}

Result<Facts> Door::check_sealing(ByteView body, const Registry& registry, Instant now) {
  auto sealing = crypto::Certificate::parse(body);
  if (!sealing) return fail(sealing.error());
  auto signers = by_subject_.find(sealing->issuer());
  if (signers == by_subject_.end())
    return fail(
        refusal(Reason::untrusted, "no registered signing certificate has its issuer's name"));
  Error last = refusal(Reason::untrusted, "its issuer's certificate is no longer registered");
  for (auto each = signers->second.certificates.rbegin();
       each != signers->second.certificates.rend(); ++each) {
    const auto* known = registry.signing(*each);
    if (known == nullptr) continue;
    auto signing = known_.parse(known->facts.certificate);
    if (!signing) continue;
    auto node = chains_.check_sealing(*sealing, *signing, now);
    if (node)
      return SealingFacts{*node, sealing->fingerprint(), *each, sealing->not_before(),
                          sealing->not_after()};
    last = node.error();
  }
  return fail(last);
}

Result<Facts> Door::check_list(ByteView body) {
  auto list = crypto::RevocationList::parse(body);
  if (!list) return fail(list.error());
  auto ours = list->verify(authority());
  if (!ours) return fail(ours.error());
  return facts_of_list(*list);
}

Result<Facts> Door::check_listing(ByteView body, const Registry& registry) {
  auto listing = wire::decode_signed_listing(body);
  if (!listing) return fail(listing.error());
  auto content = wire::decode_listing(listing->body);
  if (!content) return fail(content.error());
  const auto* known = registry.signing(listing->certificate);
  // Keys that were lost are not to set a version that their owner would have to go beyond.
  if (known == nullptr || known->facts.node != content->publisher || known->revoked ||
      known->voided)
    return fail(
        refusal(Reason::untrusted,
                "it is not signed by a registered certificate of its publisher that holds"));
  auto certificate = known_.parse(known->facts.certificate);
  if (!certificate) return fail(certificate.error());
  if (!certificate->public_key().verify(wire::signed_bytes_of_listing(listing->body),
                                        listing->signature))
    return fail(refusal(Reason::untrusted, "its signature does not hold"));
  return ListingFacts{content->publisher, content->service, content->version, content->closed};
}

Result<Facts> Door::check_key_alarm(ByteView body, const Registry& registry) {
  const auto alarm = wire::decode_signed_key_alarm(body);
  if (!alarm) return fail(alarm.error());
  const auto facts = facts_of_key_alarm(*alarm);
  if (!facts) return fail(facts.error());
  // A key that was voided may say so too: it may be the contested certificate that voided it. Lost
  // keys are not admitted any more, and those that were stolen are revoked.
  const auto* signer = registry.signing(alarm->certificate);
  if (signer == nullptr || signer->facts.node != facts->node || signer->revoked ||
      facts->contested == facts->signer)
    return fail(refusal(Reason::untrusted,
                        "it is not signed by a registered certificate of its node that holds"));
  auto certificate = known_.parse(signer->facts.certificate);
  if (!certificate) return fail(certificate.error());
  if (!certificate->public_key().verify(wire::signed_bytes_of_key_alarm(alarm->body),
                                        alarm->signature))
    return fail(refusal(Reason::untrusted, "its signature does not hold"));
  const auto* contested = registry.signing(facts->contested);
  if (contested != nullptr && continued(*contested, registry) != nullptr)
    return fail(refusal(Reason::forbidden, "the node's former key has signed that certificate"));
  // It may have been renewed since the contested one was registered: the key of before speaks.
  auto out = *facts;
  while (const auto* before = continued(*signer, registry)) {
    out.signer = before->facts.fingerprint;
    signer = before;
  }
  return out;
}

const KnownSigning* Door::continued(const KnownSigning& known, const Registry& registry) {
  const auto* before = signed_by(known, registry);
  if (before == nullptr || before->revoked) return nullptr;
  // The first that its key signed: later ones are of whoever has a key that was replaced long ago.
  for (const auto* each = before + 1; each != &known; ++each)
    if (signed_by(*each, registry) == before) return nullptr;
  return before;
}

const KnownSigning* Door::signed_by(const KnownSigning& known, const Registry& registry) {
  const auto* before = registry.signing(known.facts.previous);
  if (before == nullptr || known.facts.reason != wire::IssueReason::renewed) return nullptr;
  // Oldest first: what comes to a restored exchange may name what is told after it, in a ring even.
  if (before->facts.node != known.facts.node || before >= &known) return nullptr;
  const auto next = known_.parse(known.facts.certificate);
  const auto previous = known_.parse(before->facts.certificate);
  const certs::Continuity continuity{known.facts.previous, known.facts.continuity};
  return next && previous && certs::check_continuity(continuity, *previous, *next) ? before
                                                                                   : nullptr;
}

Result<CheckedEntry> Door::read(wire::EntryKind kind, Bytes body) {
  CheckedEntry out;
  out.kind = kind;
  out.digest = crypto::sha256(body);
  switch (kind) {
    case wire::EntryKind::authority:
    case wire::EntryKind::act:
    case wire::EntryKind::log_key:
      out.facts = PlainFacts{};
      break;
    case wire::EntryKind::key_alarm: {
      const auto alarm = wire::decode_signed_key_alarm(body);
      if (!alarm) return fail(alarm.error());
      const auto facts = facts_of_key_alarm(*alarm);
      if (!facts) return fail(facts.error());
      out.facts = *facts;
      break;
    }
    case wire::EntryKind::signing_certificate: {
      auto issued = wire::decode_issued_certificate(body);
      if (!issued) return fail(issued.error());
      auto certificate = crypto::Certificate::parse(issued->certificate);
      if (!certificate) return fail(certificate.error());
      auto profile = crypto::read_signing(*certificate);
      if (!profile) return fail(profile.error());
      out.facts = facts_of(*certificate, *profile, *issued);
      break;
    }
    case wire::EntryKind::sealing_certificate: {
      auto sealing = crypto::Certificate::parse(body);
      if (!sealing) return fail(sealing.error());
      auto facts = read_sealing(*sealing);
      if (!facts) return fail(facts.error());
      out.facts = std::move(*facts);
      break;
    }
    case wire::EntryKind::revocation_list: {
      auto list = crypto::RevocationList::parse(body);
      if (!list) return fail(list.error());
      out.facts = facts_of_list(*list);
      break;
    }
    case wire::EntryKind::listing: {
      auto listing = wire::decode_signed_listing(body);
      if (!listing) return fail(listing.error());
      auto content = wire::decode_listing(listing->body);
      if (!content) return fail(content.error());
      out.facts =
          ListingFacts{content->publisher, content->service, content->version, content->closed};
      break;
    }
  }
  out.body = std::move(body);
  return out;
}

/// The node that a sealing certificate is for is the one whose signing certificates have its
/// issuer's name; which of them issued it was checked when it came.
Result<SealingFacts> Door::read_sealing(const crypto::Certificate& sealing) {
  auto signers = by_subject_.find(sealing.issuer());
  if (signers == by_subject_.end())
    return fail(Reason::not_found, "a sealing certificate stands before its issuer's certificate");
  const auto& all = signers->second.certificates;
  auto issuer = all.back();
  if (looks_for_issuers_ && all.size() > 1)
    for (auto each = all.rbegin(); each != all.rend(); ++each)
      if (const auto found = signing_.find(*each);
          found != signing_.end() &&
          chains_.check_sealing(sealing, found->second, sealing.not_before())) {
        issuer = *each;
        break;
      }
  return SealingFacts{signers->second.node, sealing.fingerprint(), issuer, sealing.not_before(),
                      sealing.not_after()};
}

void Door::learn(const CheckedEntry& entry) {
  if (const auto* signing = std::get_if<SigningFacts>(&entry.facts)) {
    auto certificate = known_.parse(signing->certificate);
    if (!certificate) return;
    if (looks_for_issuers_) signing_.emplace(signing->fingerprint, *certificate);
    auto& signers = by_subject_[certificate->subject()];
    signers.node = signing->node;
    signers.certificates.push_back(signing->fingerprint);
    if (signers.certificates.size() > Registry::certificates_max)
      signers.certificates.erase(signers.certificates.begin());
  } else if (std::holds_alternative<RevocationFacts>(entry.facts)) {
    auto list = crypto::RevocationList::parse(entry.body);
    if (list) list_ = std::move(*list);
  }
}

}  // namespace liaison::broker
