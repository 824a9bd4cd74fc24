#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace liaison {

/// Which kind of node: its desk, what it may publish and whom it may write to.
enum class NodeRole : std::uint8_t { adviser, provider };

const char* name_of(NodeRole role);
/// Reads "adviser" or "provider".
Result<NodeRole> parse_role(std::string_view text);

/// What a node may do beyond its role (domain.md): `authority` publishes contracts and directives,
/// `health` may hold health referrals.
enum class Capability : std::uint8_t { authority, health };

const char* name_of(Capability capability);
Result<Capability> parse_capability(std::string_view text);

/// A small set of capabilities; iteration order is that of the enum.
class Capabilities {
 public:
  Capabilities() = default;
  Capabilities(std::initializer_list<Capability> list) {
    for (auto each : list)
      add(each);
  }
  void add(Capability capability) { bits_ |= bit(capability); }
  [[nodiscard]] bool has(Capability capability) const { return (bits_ & bit(capability)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::vector<Capability> list() const;
  friend auto operator<=>(const Capabilities&, const Capabilities&) = default;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;

 private:
  static std::uint8_t bit(Capability capability) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(capability));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace liaison
