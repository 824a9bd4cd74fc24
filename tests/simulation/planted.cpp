#include "planted.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace liaison::simulation {
namespace {

struct Form {
  std::string name;
  std::string octets;
};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::vector<Form> forms() {
  const std::string word(planted_word);
  std::vector<Form> out{{"plain", word}};
  out.push_back({"hexadecimal", to_hex(as_bytes(word))});
  out.push_back({"hexadecimal", upper(to_hex(as_bytes(word)))});
  for (std::size_t before = 0; before < 3; ++before) {
    // What does not depend on the octets before and after it.
    const auto text = to_base64(as_bytes(std::string(before, 'x') + word));
    const std::size_t skip = before == 0 ? 0 : before + 1;
    const std::size_t whole = (before + word.size()) / 3 * 4;
    out.push_back({"base64", text.substr(skip, whole - skip)});
  }
  std::string little;
  std::string big;
  for (const char c : word) {
    little += {c, '\0'};
    big += {'\0', c};
  }
  out.push_back({"UTF-16", little});
  out.push_back({"UTF-16", big});
  return out;
}

bool contains(ByteView octets, std::string_view what) {
  // memmem must not be given a null pointer, not even for nothing.
  return !octets.empty() &&
         memmem(octets.data(), octets.size(), what.data(), what.size()) != nullptr;
}

}  // namespace

std::string find_planted(ByteView octets) {
  static const std::vector<Form> all = forms();
  for (const auto& form : all) {
    if (contains(octets, form.octets)) return form.name;
  }
  return {};
}

bool has_planted_plain(ByteView octets) {
  return contains(octets, planted_word);
}

}  // namespace liaison::simulation
