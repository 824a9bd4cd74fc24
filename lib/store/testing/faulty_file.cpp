#include "store/testing/faulty_file.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace liaison::store::testing {

FaultyFile::Octets FaultyFile::now(std::uint64_t sector) const {
  Octets out{};
  std::uint64_t at = sector * sector_bytes;
  if (at < bytes_.size()) {
    std::memcpy(out.data(), bytes_.data() + at, std::min(sector_bytes, bytes_.size() - at));
  }
  return out;
}

void FaultyFile::touch(std::uint64_t number) {
  if (place_.size() <= number) place_.resize(number + 1);
  if (place_[number] == 0) {
    unsafe_.push_back({number, true, now(number), {}});
    place_[number] = static_cast<std::uint32_t>(unsafe_.size());
    return;
  }
  auto& sector = unsafe_[place_[number] - 1];
  sector.dirty = true;
  if (sector.earlier.size() == earlier_max) sector.earlier.erase(sector.earlier.begin());
  sector.earlier.push_back(now(number));
}

void FaultyFile::forget_unsafe() {
  for (const auto& sector : unsafe_)
    place_[sector.number] = 0;
  unsafe_.clear();
}

void FaultyFile::write(std::uint64_t at, std::span<const std::uint8_t> data) {
  if (data.empty()) return;
  std::uint64_t end = at + data.size();
  for (auto sector = at / sector_bytes; sector <= (end - 1) / sector_bytes; ++sector)
    touch(sector);
  if (end > bytes_.size()) {
    earlier_sizes_.push_back(bytes_.size());
    bytes_.resize(end);
  }
  std::memcpy(bytes_.data() + at, data.data(), data.size());
}

void FaultyFile::resize(std::uint64_t size) {
  if (size < bytes_.size()) {
    for (auto sector = size / sector_bytes; sector * sector_bytes < bytes_.size(); ++sector) {
      touch(sector);
    }
  }
  if (size != bytes_.size()) earlier_sizes_.push_back(bytes_.size());
  bytes_.resize(size);
}

void FaultyFile::sync() {
  std::vector<Sector> left;  // what a failed sync left, and nobody wrote again
  std::copy_if(unsafe_.begin(), unsafe_.end(), std::back_inserter(left),
               [](const Sector& sector) { return !sector.dirty; });
  forget_unsafe();
  for (auto& sector : left) {
    unsafe_.push_back(std::move(sector));
    place_[unsafe_.back().number] = static_cast<std::uint32_t>(unsafe_.size());
  }
  safe_size_ = bytes_.size();
  earlier_sizes_.clear();
}

void FaultyFile::fail_sync() {
  for (auto& sector : unsafe_)
    sector.dirty = false;
}

std::uint64_t FaultyFile::crash(Dice& dice) {
  std::uint64_t size = bytes_.size();
  if (safe_size_ != size || !earlier_sizes_.empty()) {
    std::uint64_t choice = dice.below(earlier_sizes_.size() + 2);
    if (choice == 0) size = safe_size_;
    if (choice >= 2) size = earlier_sizes_[choice - 2];
  }
  std::uint64_t lost = 0;
  auto written_size = bytes_.size();
  bytes_.resize(size);
  std::sort(unsafe_.begin(), unsafe_.end(),
            [](const Sector& a, const Sector& b) { return a.number < b.number; });
  for (auto& sector : unsafe_) {
    std::uint64_t at = sector.number * sector_bytes;
    auto current = now(sector.number);
    Octets left = current;
    switch (dice.below(4)) {
      case 0:
        break;
      case 1:
        left = sector.safe;
        break;
      case 2:
        left = sector.earlier.empty() ? sector.safe
                                      : sector.earlier[dice.below(sector.earlier.size())];
        break;
      case 3: {
        // Torn: the head is new, the tail as it was.
        auto from = dice.below(sector_bytes);
        std::memcpy(left.data() + from, sector.safe.data() + from, sector_bytes - from);
        break;
      }
    }
    // A cut that did not reach the disk leaves what was there.
    if (at >= written_size) left = sector.safe;
    if (left != current) ++lost;
    if (at < size) std::memcpy(bytes_.data() + at, left.data(), std::min(sector_bytes, size - at));
  }
  forget_unsafe();
  earlier_sizes_.clear();
  safe_size_ = size;
  return lost;
}

void FaultyFile::put(std::vector<std::uint8_t> bytes) {
  bytes_ = std::move(bytes);
  forget_unsafe();
  earlier_sizes_.clear();
  safe_size_ = bytes_.size();
}

void FaultyFile::flip(std::uint64_t bit) {
  auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
  bytes_[bit / 8] = static_cast<std::uint8_t>(bytes_[bit / 8] ^ mask);
  const auto number = bit / 8 / sector_bytes;
  if (number < place_.size() && place_[number] != 0) {
    auto& octet = unsafe_[place_[number] - 1].safe[bit / 8 % sector_bytes];
    octet = static_cast<std::uint8_t>(octet ^ mask);
  }
}

}  // namespace liaison::store::testing
