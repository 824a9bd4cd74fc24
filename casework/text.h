#pragma once

#include <span>
#include <string>
#include <string_view>

namespace liaison::casework {

/// The beginning of something that someone else wrote, for an error line: at most `size_max`
/// octets, line ends as blanks.
std::string shorten(std::string_view text, std::size_t size_max = 60);

/// The member of `known` that differs least from `given`, if near enough to be a slip.
std::string_view nearest(std::string_view given, std::span<const std::string_view> known);

/// A code as people may write it: blanks and hyphens become underscores, capitals small.
std::string plain_code(std::string_view text);

}  // namespace liaison::casework
