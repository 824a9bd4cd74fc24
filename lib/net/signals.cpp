#include "net/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace liaison::net {

StopSignal::StopSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  int error = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  if (error == 0) descriptor_ = Descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor_.is_open()) {
    throw std::runtime_error(std::string("cannot listen for signals: ") +
                             std::strerror(error != 0 ? error : errno));
  }
}

void StopSignal::add_to(PollSet& set) const {
  set.add_descriptor(descriptor_.get());
}

bool StopSignal::asked() {
  signalfd_siginfo info{};
  while (::read(descriptor_.get(), &info, sizeof info) == sizeof info)
    asked_ = true;
  return asked_;
}

Wakeup::Wakeup() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!descriptor_.is_open()) {
    throw std::runtime_error(std::string("cannot make a wake-up: ") + std::strerror(errno));
  }
}

void Wakeup::add_to(PollSet& set) const {
  set.add_descriptor(descriptor_.get());
}

void Wakeup::wake() const {
  std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is woken already.
  [[maybe_unused]] auto written = ::write(descriptor_.get(), &one, sizeof one);
}

bool Wakeup::clear() {
  std::uint64_t count = 0;
  return ::read(descriptor_.get(), &count, sizeof count) == sizeof count;
}

}  // namespace liaison::net
