#pragma once

#include <string_view>

namespace liaison::casework {

/// Whether `tag` is a language tag (RFC 5646) whose language is known: one of ISO 639-1, or of the
/// three-letter codes of languages that people here speak or sign and that have no shorter one.
bool is_language(std::string_view tag);

}  // namespace liaison::casework
