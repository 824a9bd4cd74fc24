#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace liaison {

enum class Lines : std::uint8_t { one, many };

/// The first character of `text` (UTF-8) that is no text for people: a control character, a line
/// end where there is one line, or one that turns the direction of writing, by which a name can
/// look like another (Unicode Technical Report 36, 2.5). As "U+202E"; empty if there is none.
std::string unfit_character(std::string_view text, Lines lines);

/// What someone else wrote, to be shown in a line: unfit characters become '_'.
std::string shown_safely(std::string_view text);

/// The same of a text that may have lines of its own: line ends and tabs become blanks.
std::string in_one_line(std::string_view text);

/// The beginning of a text: at most `size_max` octets, cut between characters.
std::string cut(std::string_view text, std::size_t size_max);

/// How many slips of one octet turn one word into the other (Levenshtein's distance).
std::size_t slips_between(std::string_view a, std::string_view b);

}  // namespace liaison
