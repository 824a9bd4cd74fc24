#include "broker/core/id_hash.h"

#include <bit>
#include <cstring>

namespace liaison::broker {
namespace {

std::uint64_t first64(ByteView bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

IdSecret fresh_id_secret(Entropy& entropy) {
  std::array<std::uint8_t, sizeof(IdSecret)> octets{};
  entropy.fill(octets);
  return std::bit_cast<IdSecret>(octets);
}

std::uint64_t id_hash(const LetterId& id, const IdSecret& secret, std::uint64_t with) {
  const auto view = id.view();
  const auto second = mix((first64(view.subspan(8)) ^ secret[1]) + with);
  return mix(mix(first64(view) ^ secret[0]) ^ second);
}

}  // namespace liaison::broker
