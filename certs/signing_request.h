#pragma once

#include <optional>
#include <string>

#include "certs/renewal.h"

namespace liaison::certs {

inline constexpr std::size_t signing_request_bytes_max = 32 * 1024;

/// What is carried to an authority that is kept offline, one file a certificate: what the exchange
/// decided about the node, what the node asked, and, for a renewal, its previous key's statement.
struct SigningRequest {
  Enrolment enrolment;
  Bytes request;  ///< PKCS#10
  std::optional<Continuity> continuity;
  friend bool operator==(const SigningRequest&, const SigningRequest&) = default;
};

/// JSON: {"format": "liaison-signing-request-1", "node", "organisation", "role", "capabilities":
/// [...], "request": base64, "previous": hexadecimal, "continuity": base64}; the last two in a
/// renewal alone.
std::string encode(const SigningRequest& request);
/// Strict: every member of its form, none unknown. Malformed names the member.
Result<SigningRequest> parse_signing_request(std::string_view text);

}  // namespace liaison::certs
