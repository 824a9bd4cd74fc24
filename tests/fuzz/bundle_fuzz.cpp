// Tiles and bundles of entries; the first octet says how wide.
#include "audit/tile.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  using namespace liaison::audit;
  if (size == 0) return 0;
  const ByteView octets{data + 1, size - 1};
  const unsigned width = data[0] + 1U;
  if (const auto tile = parse_tile(octets, width)) LIAISON_CHECK(equal(encode_tile(*tile), octets));
  if (const auto bundle = parse_bundle(octets, width)) {
    std::vector<Bytes> entries;
    for (const auto entry : *bundle)
      entries.push_back(copy_of(entry));
    LIAISON_CHECK(equal(encode_bundle(entries), octets));
  }
  return 0;
}
