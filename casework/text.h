#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace liaison::casework {

/// The beginning of a text: at most `size_max` octets, cut between characters.
std::string cut(std::string_view text, std::size_t size_max);
/// The same of something that someone else wrote, for an error line: line ends become blanks.
std::string shorten(std::string_view text, std::size_t size_max = 60);

/// The member of `known` that differs least from `given`, if near enough to be a slip.
std::string_view nearest(std::string_view given, std::span<const std::string_view> known);

/// A code as people may write it: blanks and hyphens become underscores, capitals small.
std::string plain_code(std::string_view text);

enum class Lines : std::uint8_t { one, many };

/// The first character of `text` (UTF-8) that is no text for people: a control character, a line
/// end where there is one line, or one that turns the direction of writing, by which a name can
/// look like another (Unicode Technical Report 36, 2.5). As "U+202E"; empty if there is none.
std::string unfit_character(std::string_view text, Lines lines);

/// What someone else wrote, to be shown in a line: unfit characters become '_'.
std::string shown_safely(std::string_view text);

}  // namespace liaison::casework
