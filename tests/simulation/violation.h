#pragma once

#include <stdexcept>
#include <string>

namespace liaison::simulation {

/// What must hold did not (docs/SECURITY.md, "What must hold"). 0: the simulation's own demands, as
/// that a process does not end by itself.
class Violation : public std::runtime_error {
 public:
  Violation(int invariant, const std::string& text)
      : std::runtime_error(text), invariant_(invariant) {}
  [[nodiscard]] int invariant() const { return invariant_; }

 private:
  int invariant_;
};

}  // namespace liaison::simulation
