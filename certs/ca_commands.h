#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <set>
#include <string>

#include "certs/authority_directory.h"

/// The commands of liaison-ca, apart from the command line.
namespace liaison::certs {

/// Whom the administrator lets in without the signature of a key that was certified before.
struct Admission {
  bool new_nodes = false;    ///< that were never issued a certificate
  std::set<NodeId> again{};  ///< that were, and lost their keys
};

/// Signs every `*.json` of `requests` (certs/signing_request.h) and writes NODE.pem into `out` for
/// each. A renewal must continue a certificate of this authority that is not revoked; what
/// continues none is signed only for whom `admission` names. A request signed before gets its
/// certificate again. One line a file on `lines`; the result is how many were refused.
Result<std::size_t> sign_requests(AuthorityDirectory& authority,
                                  const std::filesystem::path& requests,
                                  const std::filesystem::path& out, const Admission& admission,
                                  Instant now, std::ostream& lines);

/// One line, or one JSON object, a certificate.
enum class Form { text, json };
Result<void> list_certificates(const AuthorityDirectory& authority, Form form, Instant now,
                               std::ostream& out);

}  // namespace liaison::certs
