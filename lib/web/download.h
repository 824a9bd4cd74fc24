#pragma once

#include <string>
#include <string_view>

namespace liaison::web {

/// Content-Disposition of a file that is saved under `name` (UTF-8) and never shown as a page
/// (RFC 6266): a plain name for old clients, in which anything but letters, digits, '.', '-' and
/// '_' became '_', and the true one percent-encoded.
std::string attachment_disposition(std::string_view name);

}  // namespace liaison::web
