#include "base/terminal.h"

#include <termios.h>
#include <unistd.h>

namespace liaison {
namespace {

// A handler of signals knows nothing else.
int silent = -1;
termios found{};

/// Only what POSIX lets a handler call.
void put_back(int signal) {
  // In the background, the terminal is another program's by now.
  if (::tcgetpgrp(silent) == ::getpgrp()) ::tcsetattr(silent, TCSANOW, &found);
  // The handler is taken off by now: the signal does what it does without one.
  ::raise(signal);
}

}  // namespace

SilentTerminal::SilentTerminal(int terminal) {
  if (::tcgetattr(terminal, &found) != 0) return;
  silent = terminal;
  struct sigaction action {};
  action.sa_handler = put_back;
  action.sa_flags = SA_RESETHAND;
  sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < ending.size(); ++i) {
    ::sigaction(ending[i], nullptr, &before_[i]);
    // What is ignored, as SIGHUP under nohup, ends nothing.
    if (before_[i].sa_handler == SIG_DFL) ::sigaction(ending[i], &action, nullptr);
  }
  termios quiet = found;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(silent, TCSAFLUSH, &quiet);
}

SilentTerminal::~SilentTerminal() {
  if (silent < 0) return;
  ::tcsetattr(silent, TCSAFLUSH, &found);
  for (std::size_t i = 0; i < ending.size(); ++i)
    ::sigaction(ending[i], &before_[i], nullptr);
  silent = -1;
}

}  // namespace liaison
