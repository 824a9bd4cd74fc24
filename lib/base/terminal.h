#pragma once

#include <array>
#include <csignal>

namespace liaison {

/// A terminal that does not show what is typed, while this lives. A signal that ends the program
/// meanwhile (Ctrl-C, a window that is closed) first puts the terminal back as it was. Does nothing
/// where `terminal` is none. One at a time.
class SilentTerminal {
 public:
  /// `terminal`: an open descriptor that outlives this.
  explicit SilentTerminal(int terminal);
  ~SilentTerminal();
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  static constexpr std::array ending = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, ending.size()> before_{};
};

}  // namespace liaison
