#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "web/http.h"

namespace liaison::web {

/// A problem document (RFC 9457): `type` is a path under /problems/ that names the kind, `detail`
/// one line for a person, and never a client's detail.
Response problem(int status, std::string_view kind, std::string_view title,
                 std::string_view detail);
/// The problem that an expected failure is to a caller.
Response problem(const Error& error);
/// 400 malformed, 403 forbidden, 404 not found, 409 conflict, ...
int status_of(Reason reason);
/// What a client makes of an answer that is no success: the document's `detail`, or the status.
Error error_of(int status, std::string_view body);

}  // namespace liaison::web
