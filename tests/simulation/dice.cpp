#include "dice.h"

#include <bit>
#include <cstring>

namespace liaison::simulation {
namespace {

/// splitmix64, by which xoshiro's authors start their state.
std::uint64_t scatter(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Dice::Dice(std::uint64_t seed) {
  for (auto& word : state_)
    word = scatter(seed);
}

std::uint64_t Dice::next() {
  const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return out;
}

std::uint64_t Dice::below(std::uint64_t sides) {
  LIAISON_CHECK(sides > 0);
  return next() % sides;  // the bias is far below what any of this could show
}

std::int64_t Dice::between(std::int64_t least, std::int64_t most) {
  LIAISON_CHECK(least <= most);
  return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
}

void SeededEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::uint64_t word = dice_.next();
    const std::size_t size = out.size() < sizeof word ? out.size() : sizeof word;
    std::memcpy(out.data(), &word, size);
    out = out.subspan(size);
  }
}

}  // namespace liaison::simulation
