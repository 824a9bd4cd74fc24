#pragma once

#include <array>
#include <cstdint>

#include "base/entropy.h"
#include "base/id.h"

namespace liaison::broker {

/// Of whoever spreads letters over places by their ids: senders choose these, and none is to choose
/// ids that all want the same place.
using IdSecret = std::array<std::uint64_t, 2>;
[[nodiscard]] IdSecret fresh_id_secret(Entropy& entropy);

/// 64 bits for an id, and for what it goes with.
[[nodiscard]] std::uint64_t id_hash(const LetterId& id, const IdSecret& secret,
                                    std::uint64_t with = 0);

}  // namespace liaison::broker
