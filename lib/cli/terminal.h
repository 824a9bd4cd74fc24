#pragma once

#include <array>
#include <csignal>

namespace liaison::cli {

/// Stands around a prompt that turns the terminal's echo off: a signal that ends the program while
/// it lives (Ctrl-C, a window that is closed) first puts the terminal back as it was. Does nothing
/// where there is no terminal. One at a time.
class TerminalKept {
 public:
  TerminalKept();
  ~TerminalKept();
  TerminalKept(const TerminalKept&) = delete;
  TerminalKept& operator=(const TerminalKept&) = delete;

 private:
  static constexpr std::array ending = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, ending.size()> before_{};
};

}  // namespace liaison::cli
