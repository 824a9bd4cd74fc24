#include "certs/authority.h"

#include <algorithm>

namespace liaison::certs {
namespace {
// What one certificate more is in a list: a serial of 20 octets, two times, a reason, and what
// holds them together; and the second of the times alone.
constexpr std::size_t revocation_bytes_max = 100;
constexpr std::size_t as_of_bytes_max = 40;
}  // namespace

Result<void> check_organisation(std::string_view text) {
  if (!crypto::is_organisation(text)) {
    return fail(Reason::malformed,
                "an organisation's name has 1 to 64 characters, none of them a control character, "
                "and no space at "
                "either end");
  }
  return {};
}

Authority Authority::make(const std::string& name, Instant now) {
  auto key = crypto::PrivateKey::generate();
  constexpr auto ten_years = std::chrono::days(3650);
  auto certificate = crypto::issue_authority(key, name, now, ten_years);
  return {std::move(key), std::move(certificate)};
}

Result<Authority> Authority::from(crypto::PrivateKey key, crypto::Certificate certificate) {
  if (!(key.public_key() == certificate.public_key())) {
    return fail(Reason::conflict, "the authority's key is not that of its certificate");
  }
  return Authority(std::move(key), std::move(certificate));
}

Result<crypto::Certificate> Authority::issue(const crypto::CertificateRequest& request,
                                             const Enrolment& enrolment, Instant now,
                                             std::chrono::days life) const {
  if (request.node != enrolment.node) {
    return fail(Reason::forbidden, "the request is for " + request.node.text() +
                                       ", the invitation for " + enrolment.node.text());
  }
  if (const auto good = check_organisation(enrolment.organisation); !good)
    return fail(good.error());
  if (!certificate_.valid_at(now)) {
    return fail(Reason::expired,
                "the authority's own certificate is not valid now: look at this machine's clock");
  }
  const crypto::SigningProfile profile{enrolment.node, enrolment.organisation,
                                       enrolment.role, enrolment.capabilities,
                                       request.curve,  request.witness};
  return crypto::issue_signing(request.public_key, profile, key_, certificate_, now, life);
}

crypto::RevocationList Authority::first_list(Instant now) const {
  return crypto::RevocationList::make(1, {}, key_, certificate_, now);
}

Result<crypto::RevocationList> Authority::revoke(const crypto::RevocationList& current,
                                                 const std::vector<crypto::RevocationEntry>& more,
                                                 Instant now) const {
  auto entries = current.entries();
  auto bytes = current.der().size();
  for (const auto& entry : more) {
    const auto known = std::find_if(entries.begin(), entries.end(),
                                    [&](const auto& each) { return each.serial == entry.serial; });
    if (known == entries.end()) {
      entries.push_back(entry);
      bytes += revocation_bytes_max;
    } else if (entry.holds_until() < known->holds_until()) {
      bytes += known->as_of ? 0 : as_of_bytes_max;
      known->as_of = entry.holds_until();
    }
  }
  if (bytes > crypto::revocation_list_bytes_max)
    return fail(Reason::too_large,
                "the revocation list would be longer than nodes read: found a new exchange");
  return crypto::RevocationList::make(current.number() + 1, entries, key_, certificate_, now);
}

}  // namespace liaison::certs
