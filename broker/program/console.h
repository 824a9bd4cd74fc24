#pragma once

#include <memory>
#include <string>

namespace liaison::broker {

/// Health and metrics over HTTP, on threads of their own: they see a copy that the loop renews.
class Console {
 public:
  /// "HOST:PORT"; empty: none. Throws std::runtime_error if it cannot be bound.
  explicit Console(const std::string& address);
  ~Console();
  /// What /metrics answers from now on.
  void show(std::string metrics);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::broker
