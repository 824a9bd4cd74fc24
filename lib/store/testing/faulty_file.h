#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace liaison::store::testing {

/// A small generator whose numbers repeat for a seed, everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

/// One file's content: as a running process sees it, and what a power failure may leave of it.
class FaultyFile {
 public:
  static constexpr std::size_t sector_bytes = 512;

  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  void write(std::uint64_t at, std::span<const std::uint8_t> data);
  void resize(std::uint64_t size);
  /// All that was written is safe.
  void sync();
  /// A sync that failed: what it was to make safe counts as clean from here on, so that a later
  /// sync does not make it safe unless it is written again. That is how Linux does it.
  void fail_sync();
  /// Power fails. How many sectors are not what was last written to them.
  std::uint64_t crash(Dice& dice);
  /// Replaces the content, safe.
  void put(std::vector<std::uint8_t> bytes);
  /// Turns one bit, in the safe content too.
  void flip(std::uint64_t bit);

 private:
  using Octets = std::array<std::uint8_t, sector_bytes>;
  struct Sector {
    std::uint64_t number;
    bool dirty = true;
    Octets safe;                  ///< what the last sync left
    std::vector<Octets> earlier;  ///< written since and written over
  };
  static constexpr std::size_t earlier_max = 3;

  void touch(std::uint64_t number);
  void forget_unsafe();
  [[nodiscard]] Octets now(std::uint64_t sector) const;

  std::vector<std::uint8_t> bytes_;
  std::uint64_t safe_size_ = 0;
  std::vector<std::uint64_t> earlier_sizes_;
  std::vector<Sector> unsafe_;        ///< all that a crash may take, as first touched
  std::vector<std::uint32_t> place_;  ///< of a sector in unsafe_, and one; 0: it is safe
};

}  // namespace liaison::store::testing
