#include "crypto/signature.h"

#include <algorithm>
#include <array>

#include "crypto/der.h"

namespace liaison::crypto {

namespace {

constexpr std::size_t number_bytes_max = 32;

/// (n - 1) / 2, big-endian; n as in SEC 2, 2.4.2.
constexpr std::array<std::uint8_t, number_bytes_max> half_order{
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

/// A positive INTEGER of at most 256 bits in its shortest form: big-endian, no leading zero.
std::optional<Bytes> read_number(der::Reader& inside) {
  const auto element = inside.next(der::integer);
  auto magnitude = element ? der::read_unsigned(element->content) : std::nullopt;
  if (!magnitude || magnitude->empty() || magnitude->size() > number_bytes_max) return std::nullopt;
  return magnitude;
}

}  // namespace

bool is_low(ByteView signature) {
  auto inside = der::only(signature, der::sequence);
  const auto r = inside ? read_number(*inside) : std::nullopt;
  const auto s = r ? read_number(*inside) : std::nullopt;
  if (!s || !inside->at_end()) return false;
  return s->size() < number_bytes_max ||
         !std::lexicographical_compare(half_order.begin(), half_order.end(), s->begin(), s->end());
}

}  // namespace liaison::crypto
