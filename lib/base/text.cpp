#include "base/text.h"

#include <algorithm>
#include <vector>

namespace liaison {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t octets = 1;
};

/// The character at the beginning of well-formed UTF-8; of anything else its first octet.
Character first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  const std::size_t octets = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (octets == 1 || octets > text.size()) return {lead, 1};
  std::uint32_t code = lead & (0x7FU >> octets);
  for (std::size_t i = 1; i < octets; ++i)
    code = code << 6 | (at(i) & 0x3FU);
  return {code, octets};
}

bool breaks_line(std::uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r';
}

bool is_unfit(std::uint32_t code, Lines lines) {
  if (breaks_line(code)) return lines == Lines::one;
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || separator || turns;
}

std::string replaced(std::string_view text, char for_line_break) {
  std::string out;
  while (!text.empty()) {
    const auto character = first_of(text);
    if (breaks_line(character.code)) {
      out += for_line_break;
    } else if (is_unfit(character.code, Lines::one)) {
      out += '_';
    } else {
      out += text.substr(0, character.octets);
    }
    text.remove_prefix(character.octets);
  }
  return out;
}

}  // namespace

std::string unfit_character(std::string_view text, Lines lines) {
  while (!text.empty()) {
    const auto character = first_of(text);
    if (is_unfit(character.code, lines)) {
      std::string digits;
      for (auto rest = character.code; rest != 0 || digits.size() < 4; rest >>= 4)
        digits.insert(digits.begin(), "0123456789ABCDEF"[rest & 15]);
      return "U+" + digits;
    }
    text.remove_prefix(character.octets);
  }
  return {};
}

std::string shown_safely(std::string_view text) {
  return replaced(text, '_');
}

std::string in_one_line(std::string_view text) {
  return replaced(text, ' ');
}

std::string cut(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return std::string(text);
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0U) == 0x80U)
    --size_max;
  return std::string(text.substr(0, size_max));
}

std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

}  // namespace liaison
