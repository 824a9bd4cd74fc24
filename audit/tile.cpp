#include "audit/tile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace liaison::audit {
namespace {

/// Hashes that a tree of that size has at a level of tiles.
std::uint64_t hashes_at(std::uint64_t size, unsigned level) {
  const auto shift = tile_height * level;
  return shift >= 64 ? 0 : size >> shift;
}

std::string place_of(std::uint64_t index, unsigned width) {
  std::string out = fmt::format("{:03}", index % 1000);
  for (auto rest = index / 1000; rest > 0; rest /= 1000)
    out = fmt::format("x{:03}/{}", rest % 1000, out);
  if (width != tile_width) out += fmt::format(".p/{}", width);
  return out;
}

}  // namespace

unsigned width_in(std::uint64_t size, unsigned level, std::uint64_t index) {
  const auto hashes = hashes_at(size, level);
  const auto full = hashes / tile_width;
  if (index < full) return tile_width;
  return index == full ? static_cast<unsigned>(hashes % tile_width) : 0;
}

std::uint64_t tiles_in(std::uint64_t size, unsigned level) {
  const auto hashes = hashes_at(size, level);
  return hashes / tile_width + (hashes % tile_width == 0 ? 0 : 1);
}

std::string path_of(const Tile& tile) {
  return fmt::format("tile/{}/{}", tile.level, place_of(tile.index, tile.width));
}

std::string entries_path_of(std::uint64_t index, unsigned width) {
  return "tile/entries/" + place_of(index, width);
}

std::string body_path_of(std::uint64_t index) {
  return "body/" + place_of(index, tile_width);
}

Bytes encode_tile(const std::vector<Digest>& hashes) {
  Bytes out;
  out.reserve(hashes.size() * Digest::size);
  for (const auto& hash : hashes)
    out.insert(out.end(), hash.octets.begin(), hash.octets.end());
  return out;
}

Result<std::vector<Digest>> parse_tile(ByteView octets, unsigned width) {
  if (octets.size() != width * Digest::size)
    return fail(Reason::malformed, fmt::format("the tile has {} octets and should have {}",
                                               octets.size(), width * Digest::size));
  std::vector<Digest> out(width);
  for (auto& hash : out) {
    std::copy_n(octets.begin(), Digest::size, hash.octets.begin());
    octets = octets.subspan(Digest::size);
  }
  return out;
}

Bytes encode_bundle(const std::vector<Bytes>& entries) {
  Bytes out;
  for (const auto& entry : entries) {
    LIAISON_CHECK(entry.size() <= entry_bytes_max);
    out.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(entry.size()));
    out.insert(out.end(), entry.begin(), entry.end());
  }
  return out;
}

Result<ByteView> take_entry(ByteView& rest) {
  constexpr std::size_t length_bytes = 2;
  if (rest.size() < length_bytes) return fail(Reason::malformed, "the bundle has no more entries");
  const std::size_t size = std::size_t{rest[0]} << 8 | rest[1];
  if (rest.size() - length_bytes < size)
    return fail(Reason::malformed, "the bundle ends within an entry");
  const auto out = rest.subspan(length_bytes, size);
  rest = rest.subspan(length_bytes + size);
  return out;
}

Result<std::vector<ByteView>> parse_bundle(ByteView octets, unsigned width) {
  std::vector<ByteView> out;
  out.reserve(width);
  while (out.size() < width) {
    const auto entry = take_entry(octets);
    if (!entry) return fail(entry.error());
    out.push_back(*entry);
  }
  if (!octets.empty()) return fail(Reason::malformed, "the bundle has more than its entries");
  return out;
}

}  // namespace liaison::audit
