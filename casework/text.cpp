#include "casework/text.h"

#include <algorithm>

#include "base/text.h"

namespace liaison::casework {

std::string shorten(std::string_view text, std::size_t size_max) {
  std::string out = cut(text, size_max);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

std::string_view nearest(std::string_view given, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = given.size() / 3 + 2;
  std::string wanted = plain_code(shorten(given));
  for (std::string_view name : known) {
    std::size_t far = slips_between(wanted, name);
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

std::string plain_code(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace liaison::casework
