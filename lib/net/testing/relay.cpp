#include "net/testing/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "base/check.h"

namespace liaison::net::testing {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

/// A socket bound to a free port; its address.
std::pair<Descriptor, std::string> bound() {
  Descriptor out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto any = loopback(0);
  LIAISON_CHECK(::bind(out.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
  socklen_t size = sizeof any;
  LIAISON_CHECK(::getsockname(out.get(), reinterpret_cast<sockaddr*>(&any), &size) == 0);
  return {std::move(out), "tcp://127.0.0.1:" + std::to_string(ntohs(any.sin_port))};
}

Descriptor dial_port(int port) {
  Descriptor out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(port);
  LIAISON_CHECK(::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
  return out;
}

}  // namespace

Descriptor dial_plain(const std::string& address) {
  return dial_port(port_of(address));
}

DeadPort::DeadPort() {
  auto [descriptor, address] = bound();
  descriptor_ = std::move(descriptor);
  address_ = address;
}

Relay::Relay(const std::string& to) : port_to_(port_of(to)) {
  auto [descriptor, address] = bound();
  listener_ = std::move(descriptor);
  address_ = address;
  LIAISON_CHECK(::listen(listener_.get(), 16) == 0);
  thread_ = std::thread([this] { run(); });
}

Relay::~Relay() {
  stops_.store(true);
  wakeup_.wake();
  thread_.join();
}

void Relay::fall_silent() {
  silent_.store(true);
  wakeup_.wake();
}

void Relay::run() {
  std::vector<std::pair<Descriptor, Descriptor>> links;
  std::array<char, 65536> buffer;
  while (!stops_.load()) {
    std::vector<pollfd> items = {{wakeup_.descriptor(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    if (!silent_.load()) {
      for (const auto& [one, other] : links) {
        items.push_back({one.get(), POLLIN, 0});
        items.push_back({other.get(), POLLIN, 0});
      }
    }
    ::poll(items.data(), items.size(), -1);
    wakeup_.clear();
    auto carry = [&](std::size_t item, const Descriptor& from, const Descriptor& to) {
      if (silent_.load() || item >= items.size() || items[item].revents == 0) return true;
      auto size = ::recv(from.get(), buffer.data(), buffer.size(), 0);
      if (size <= 0) return false;
      return ::send(to.get(), buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
    };
    std::size_t item = 2;
    std::erase_if(links, [&](const auto& link) {
      bool keep = carry(item, link.first, link.second) && carry(item + 1, link.second, link.first);
      item += 2;
      return !keep;
    });
    if (items[1].revents != 0) {
      Descriptor accepted(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      links.emplace_back(std::move(accepted), dial_port(port_to_));
    }
  }
}

}  // namespace liaison::net::testing
