#include "auditor/witnesses.h"

#include <algorithm>

#include "base/time.h"
#include "wire/log_name.h"
#include "wire/registry.h"

namespace liaison::auditor {
namespace {

/// A node's clock and the authority's need not agree.
constexpr Duration clocks_apart = std::chrono::hours(24);

}  // namespace

Witnesses::Witnesses(std::vector<audit::NoteKey> outside) : outside_(std::move(outside)) {}

void Witnesses::learn(const wire::RegistryLeaf& leaf, ByteView body) {
  if (leaf.kind == wire::EntryKind::authority && !authority_) {
    if (auto certificate = crypto::Certificate::parse(body)) authority_ = std::move(*certificate);
    return;
  }
  if (!authority_) return;
  if (leaf.kind == wire::EntryKind::revocation_list) {
    const auto list = crypto::RevocationList::parse(body);
    if (list && list->verify(*authority_)) revoked_.add(*list);
  }
  if (leaf.kind != wire::EntryKind::signing_certificate) return;
  const auto issued = wire::decode_issued_certificate(body);
  auto certificate =
      issued ? crypto::Certificate::parse(issued->certificate) : fail(issued.error());
  if (!certificate) return;
  // By the authority that the registry begins with; its own time is asked later.
  const auto profile = crypto::check_signing(*certificate, *authority_, certificate->not_before());
  if (!profile) return;
  certified_.push_back({{wire::witness_name_of(profile->node, authority_->fingerprint()),
                         audit::KeyKind::cosignature, profile->witness},
                        profile->organisation,
                        std::move(*certificate)});
}

std::string Witnesses::why_not(const Certified& certified, Instant at) const {
  const auto& certificate = certified.certificate;
  if (revoked_.is_revoked(certificate.serial(), at)) return "its certificate was revoked before";
  if (at + clocks_apart < certificate.not_before() || at > certificate.not_after() + clocks_apart)
    return "its certificate did not hold then";
  return "";
}

Result<std::vector<Vouched>> Witnesses::of(const audit::SignedCheckpoint& checkpoint) const {
  std::vector<Vouched> out;
  const auto said_by = [&](const audit::NoteKey& key) -> Result<std::optional<std::uint64_t>> {
    const auto all = audit::cosignatures(checkpoint.note, std::span(&key, 1));
    if (!all) return fail(all.error());
    return all->empty() ? std::nullopt : std::optional(all->front().at);
  };
  const auto size = checkpoint.checkpoint.size;
  for (const auto& key : outside_) {
    const auto at = said_by(key);
    if (!at) return fail(at.error());
    if (*at) out.push_back({key, "", **at, size, ""});
  }
  for (const auto& each : certified_) {
    const auto at = said_by(each.key);
    if (!at) return fail(at.error());
    if (!*at) continue;
    const auto seconds = std::min<std::uint64_t>(**at, 253'402'300'799);  // the year 9999
    Vouched vouched{each.key, each.organisation, **at, size,
                    why_not(each, from_ms(static_cast<std::int64_t>(seconds) * 1000))};
    // A renewed certificate names the same key: one that held then is enough.
    const auto known = std::find_if(out.begin(), out.end(), [&](const Vouched& other) {
      return other.key.name == vouched.key.name;
    });
    if (known == out.end())
      out.push_back(std::move(vouched));
    else if (!known->but.empty())
      *known = std::move(vouched);
  }
  return out;
}

}  // namespace liaison::auditor
