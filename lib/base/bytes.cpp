#include "base/bytes.h"

#include <algorithm>
#include <array>

namespace liaison {
namespace {

constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string encode64(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (std::uint8_t octet : bytes) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(alphabet[(held >> bits) & 63]);
    }
  }
  if (bits > 0) out.push_back(alphabet[(held << (6 - bits)) & 63]);
  return out;
}

Result<Bytes> decode64(std::string_view text, std::string_view alphabet) {
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t held = 0;
  int bits = 0;
  for (char c : text) {
    auto value = alphabet.find(c);
    if (value == std::string_view::npos) return fail(Reason::malformed, "not base64");
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(held >> bits));
      held &= (1U << bits) - 1;
    }
  }
  // One reading per text: a lone character or bits left over would give several texts for one
  // value.
  if (bits >= 6 || held != 0) return fail(Reason::malformed, "not base64");
  return out;
}

}  // namespace

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes copy_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

bool equal(ByteView a, ByteView b) {
  return std::ranges::equal(a, b);
}

std::string to_hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t octet : bytes) {
    out.push_back(digits[octet >> 4]);
    out.push_back(digits[octet & 15]);
  }
  return out;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Reason::malformed, "not hexadecimal");
  Bytes out(text.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    int high = hex_digit(text[2 * i]);
    int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Reason::malformed, "not hexadecimal");
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::string to_base64(ByteView bytes) {
  std::string out = encode64(bytes, plain_alphabet);
  while (out.size() % 4 != 0)
    out.push_back('=');
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Reason::malformed, "not base64");
  for (int i = 0; i < 2 && text.ends_with('='); ++i)
    text.remove_suffix(1);
  return decode64(text, plain_alphabet);
}

std::string to_base64url(ByteView bytes) {
  return encode64(bytes, url_alphabet);
}

Result<Bytes> from_base64url(std::string_view text) {
  return decode64(text, url_alphabet);
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    auto lead = static_cast<std::uint8_t>(text[i]);
    std::size_t follow = lead < 0x80                   ? 0
                         : lead >= 0xC2 && lead < 0xE0 ? 1
                         : lead >= 0xE0 && lead < 0xF0 ? 2
                         : lead >= 0xF0 && lead < 0xF5 ? 3
                                                       : 4;
    if (follow == 4 || i + follow >= text.size()) return false;
    std::uint32_t code = follow == 0 ? lead : lead & (0x3FU >> follow);
    for (std::size_t k = 1; k <= follow; ++k) {
      auto octet = static_cast<std::uint8_t>(text[i + k]);
      if ((octet & 0xC0) != 0x80) return false;
      code = (code << 6) | (octet & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 4> smallest{0, 0x80, 0x800, 0x10000};
    if (code < smallest[follow] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
      return false;
    i += follow + 1;
  }
  return true;
}

}  // namespace liaison
