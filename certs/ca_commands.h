#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "certs/authority_directory.h"

/// The commands of liaison-ca, apart from the command line.
namespace liaison::certs {

enum class NewNodes { refuse, admit };

/// Signs every `*.json` of `requests` (certs/signing_request.h) and writes NODE.pem into `out` for
/// each. A renewal must continue a certificate of this authority that is not revoked; a node's
/// first certificate is signed only with NewNodes::admit. A request signed before gets its
/// certificate again. One line a file on `lines`; the result is how many were refused.
Result<std::size_t> sign_requests(AuthorityDirectory& authority,
                                  const std::filesystem::path& requests,
                                  const std::filesystem::path& out, NewNodes new_nodes, Instant now,
                                  std::ostream& lines);

/// One line, or one JSON object, a certificate.
enum class Form { text, json };
Result<void> list_certificates(const AuthorityDirectory& authority, Form form, Instant now,
                               std::ostream& out);

}  // namespace liaison::certs
