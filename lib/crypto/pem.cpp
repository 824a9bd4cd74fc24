#include "crypto/pem.h"

#include <algorithm>

namespace liaison::crypto {

namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace

std::string to_pem(std::string_view label, ByteView der) {
  constexpr std::size_t line = 64;
  const auto body = to_base64(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < body.size(); at += line)
    out += body.substr(at, line) + '\n';
  return out + "-----END " + std::string(label) + "-----\n";
}

Result<Bytes> from_pem(std::string_view label, std::string_view text, std::size_t bytes_max) {
  const auto begin = "-----BEGIN " + std::string(label) + "-----";
  const auto end = "-----END " + std::string(label) + "-----";
  const auto malformed = [&] {
    return fail(Reason::malformed, "not a PEM file of one " + std::string(label));
  };
  if (text.size() > 2 * bytes_max + 1024) return malformed();
  auto rest = trim(text);
  if (rest.size() < begin.size() + end.size() || rest.substr(0, begin.size()) != begin ||
      rest.substr(rest.size() - end.size()) != end) {
    return malformed();
  }
  rest = rest.substr(begin.size(), rest.size() - begin.size() - end.size());
  std::string body;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(body),
               [](char each) { return white_space.find(each) == std::string_view::npos; });
  auto out = from_base64(body);
  if (!out || out->empty() || out->size() > bytes_max) return malformed();
  return out;
}

}  // namespace liaison::crypto
