#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace liaison::cli {
namespace {

// A handler of signals knows nothing else.
int terminal = -1;
termios found{};

/// Only what POSIX lets a handler call.
void put_back(int signal) {
  // In the background, the terminal is another program's by now.
  if (::tcgetpgrp(terminal) == ::getpgrp()) ::tcsetattr(terminal, TCSANOW, &found);
  // The handler is taken off by now: the signal does what it does without one.
  ::raise(signal);
}

}  // namespace

TerminalKept::TerminalKept() {
  terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return;
  if (::tcgetattr(terminal, &found) != 0) {
    ::close(terminal);
    terminal = -1;
    return;
  }
  struct sigaction action {};
  action.sa_handler = put_back;
  action.sa_flags = SA_RESETHAND;
  sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < ending.size(); ++i) {
    ::sigaction(ending[i], nullptr, &before_[i]);
    // What is ignored, as SIGHUP under nohup, ends nothing.
    if (before_[i].sa_handler == SIG_DFL) ::sigaction(ending[i], &action, nullptr);
  }
}

TerminalKept::~TerminalKept() {
  if (terminal < 0) return;
  for (std::size_t i = 0; i < ending.size(); ++i)
    ::sigaction(ending[i], &before_[i], nullptr);
  ::close(terminal);
  terminal = -1;
}

}  // namespace liaison::cli
