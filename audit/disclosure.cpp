#include "audit/disclosure.h"

#include <optional>

#include "crypto/seal.h"

namespace liaison::audit {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t line_chars = 76;
constexpr std::string_view front =
    "liaison disclosure 1\n"
    "# Whoever has this file can read the letter that it names, and no other. Check it with\n"
    "#   liaison-audit check-disclosure FILE EXPORT\n";
constexpr std::string_view letter_front = "letter ";
constexpr std::string_view key_front = "key ";
constexpr std::string_view sealed_front = "sealed\n";

/// The rest of the next line, if it begins so; it is taken off the text.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view begins) {
  if (!text.starts_with(begins)) return std::nullopt;
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(begins.size(), end - begins.size());
  text.remove_prefix(end + 1);
  return rest;
}

}  // namespace

std::string encode(const Disclosure& disclosure) {
  std::string out(front);
  out += std::string(letter_front) + disclosure.letter.text() + '\n';
  out += std::string(key_front) + to_base64(disclosure.content_key.view()) + '\n';
  out += sealed_front;
  const auto sealed = to_base64(disclosure.sealed);
  for (std::size_t at = 0; at < sealed.size(); at += line_chars)
    out += sealed.substr(at, line_chars) + '\n';
  return out;
}

Result<Disclosure> parse_disclosure(std::string_view text) {
  if (text.size() > disclosure_bytes_max)
    return fail(Reason::too_large, "the disclosure is over 1 MiB: no letter is so large");
  const auto wrong =
      fail(Reason::malformed, "that is no disclosure of a letter as `disclose` writes it");
  const auto whole = text;
  if (!text.starts_with(front)) return wrong;
  text.remove_prefix(front.size());
  const auto letter_text = take_line(text, letter_front);
  const auto key_text = letter_text ? take_line(text, key_front) : std::nullopt;
  if (!key_text || !text.starts_with(sealed_front)) return wrong;
  text.remove_prefix(sealed_front.size());
  std::string joined;
  while (const auto line = take_line(text, ""))
    joined += *line;
  const auto letter = LetterId::parse(*letter_text);
  auto key = from_base64(*key_text);
  auto sealed = from_base64(joined);
  if (!text.empty() || !letter || !key || !sealed) return wrong;
  Disclosure out{*letter, Secret(std::move(*key)), std::move(*sealed)};
  if (out.content_key.size() != key_bytes || out.sealed.empty() ||
      out.sealed.size() > crypto::sealed_bytes_max)
    return wrong;
  // One form: nothing in it can be altered and mean the same.
  if (encode(out) != whole) return wrong;
  return out;
}

}  // namespace liaison::audit
