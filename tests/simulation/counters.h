#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "letter_watch.h"

namespace liaison::simulation {

/// How often each fault struck, and how often it did while at least one letter that it could touch
/// stood in a state. A fault counts once a state, however many letters stood there.
struct Counters {
  struct Row {
    std::uint64_t struck = 0;
    std::array<std::uint64_t, letter_states> in_state{};
  };
  std::map<std::string, Row> faults;
  std::map<std::string, std::uint64_t> totals;  ///< seeds, referrals, letters, events, steps, ...

  void strike(const std::string& fault, const LetterWatch::Counts& letters);
  void add(const Counters& other);
  [[nodiscard]] std::string table() const;
  [[nodiscard]] std::string json() const;
  static Counters from_json(const std::string& text);
};

}  // namespace liaison::simulation
