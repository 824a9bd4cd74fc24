#pragma once

#include <cstdint>

#include "base/time.h"

namespace liaison {

/// How many of something came within a span of time, which begins with the first of them.
struct Tally {
  std::uint64_t count = 0;
  Duration from{};
  /// The count so far, of the span that `now` lies in.
  std::uint64_t& within(Duration span, Now now) {
    if (now.steady - from >= span) *this = {0, now.steady};
    return count;
  }
};

}  // namespace liaison
