#pragma once

#include <cstring>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace liaison {

/// Overwrites memory so that the compiler cannot leave it out.
void wipe(void* at, std::size_t size);

/// Octets that are wiped when they go. Moves, never copies by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::size_t size) : bytes_(size) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~Secret() { clear(); }
  [[nodiscard]] Secret clone() const { return Secret(Bytes(bytes_)); }
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  void clear() {
    if (!bytes_.empty()) wipe(bytes_.data(), bytes_.size());
    bytes_.clear();
  }

 private:
  Bytes bytes_;
};

}  // namespace liaison
