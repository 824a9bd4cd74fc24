#include "web/waiting_room.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/log.h"
#include "web/address.h"

namespace liaison::web {
namespace {

using Clock = BoundedStream::Clock;

constexpr int accepted_a_turn_max = 64;
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr auto farewell_max = std::chrono::seconds(5);
constexpr std::string_view too_many =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

enum class Place : std::uint8_t { waiting, answering, sending, draining };

struct Guest {
  std::unique_ptr<BoundedStream> stream;
  std::string peer;  ///< as it is counted
  Place place = Place::waiting;
  Clock::time_point since;   ///< in this place
  WaitingRoom::Then then{};  ///< while sending: what comes next
};

}  // namespace

struct WaitingRoom::Inside {
  RoomLimits limits;
  OpenChannel open;
  Serve serve;
  int listening = -1;
  int wake_up = -1;
  std::atomic<bool> stopping{false};
  std::thread thread;
  std::unique_ptr<httplib::ThreadPool> pool;

  std::mutex mutex;
  std::vector<std::pair<int, Then>> answered;  ///< under `mutex`

  // Only the thread in run().
  std::map<int, Guest> guests;  ///< by socket
  std::map<std::string, std::size_t> of_peer;
  Clock::time_point accept_again{};

  void run();
  void accept_some();
  void admit(int socket);
  template <class Fits>
  const int* longest(Fits fits) const;
  template <class Fits>
  std::size_t unsent(Fits fits) const;
  bool make_room(const std::string* peer);
  void bound_unsent(const std::string& peer);
  void put_out(int socket);
  void advance(int socket);
  void go_on(int socket, Guest& guest);
  void take_answered();
  void put_out_the_late();
  void send_the_rest();
};

void WaitingRoom::Inside::put_out(int socket) {
  const auto at = guests.find(socket);
  const auto count = of_peer.find(at->second.peer);
  if (--count->second == 0) of_peer.erase(count);
  guests.erase(at);
}

/// The socket of who has been in their place longest of those that fit, strangers first: of who is
/// signed in, what was asked for is still on its way. Null: nobody fits.
template <class Fits>
const int* WaitingRoom::Inside::longest(Fits fits) const {
  const std::pair<const int, Guest>* out = nullptr;
  const auto rank = [](const Guest& guest) {
    return std::pair(guest.place == Place::sending && guest.stream->is_for_somebody_known(),
                     guest.since);
  };
  for (const auto& guest : guests)
    if (fits(guest.second) && (out == nullptr || rank(guest.second) < rank(out->second)))
      out = &guest;
  return out == nullptr ? nullptr : &out->first;
}

template <class Fits>
std::size_t WaitingRoom::Inside::unsent(Fits fits) const {
  std::size_t out = 0;
  for (const auto& [socket, guest] : guests)
    if (fits(guest)) out += guest.stream->unsent();
  return out;
}

/// Puts out who has waited longest, of `peer` if one is named; false: nobody waits.
bool WaitingRoom::Inside::make_room(const std::string* peer) {
  const auto* socket = longest([&](const Guest& guest) {
    return guest.place != Place::answering && (peer == nullptr || guest.peer == *peer);
  });
  if (socket == nullptr) return false;
  put_out(*socket);
  return true;
}

/// Puts out those to whom something is being sent longest until no more is kept than may be: half
/// of it for strangers from `peer`, so that they leave room for others.
void WaitingRoom::Inside::bound_unsent(const std::string& peer) {
  const auto everyone = [](const Guest& guest) { return guest.place == Place::sending; };
  const auto its_strangers = [&](const Guest& guest) {
    return everyone(guest) && guest.peer == peer && !guest.stream->is_for_somebody_known();
  };
  while (unsent(its_strangers) > limits.unsent_bytes_max / 2)
    put_out(*longest(its_strangers));
  while (unsent(everyone) > limits.unsent_bytes_max)
    put_out(*longest(everyone));
}

void WaitingRoom::Inside::admit(int socket) {
  const auto peer = counted_as(peer_address(socket));
  const auto known = of_peer.find(peer);
  const bool is_full = known != of_peer.end() && known->second >= limits.per_peer_max
                           ? !make_room(&peer)
                           : guests.size() >= limits.connections_max && !make_room(nullptr);
  if (is_full) {
    (void)!::send(socket, too_many.data(), too_many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(socket);
    return;
  }
  Guest guest;
  guest.stream = std::make_unique<BoundedStream>(socket, open(socket), limits.stream);
  guest.peer = peer;
  guest.since = Clock::now();
  ++of_peer[peer];
  guests.emplace(socket, std::move(guest));
  advance(socket);
}

void WaitingRoom::Inside::accept_some() {
  for (int left = accepted_a_turn_max; left > 0; --left) {
    const int socket = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      admit(socket);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Without this the connection stays in the backlog, and poll() returns at once for ever.
      if (!make_room(nullptr)) {
        accept_again = Clock::now() + accept_pause;
        return;
      }
    }
  }
}

void WaitingRoom::Inside::advance(int socket) {
  auto& guest = guests.at(socket);
  if (guest.place == Place::draining) {
    if (!guest.stream->drain()) put_out(socket);
    return;
  }
  const bool sends = guest.place == Place::sending;
  switch (sends ? guest.stream->send() : guest.stream->gather()) {
    case BoundedStream::Progress::incomplete:
      return;
    case BoundedStream::Progress::ended:
      put_out(socket);
      return;
    case BoundedStream::Progress::ready:
      break;
  }
  if (sends) return go_on(socket, guest);
  guest.place = Place::answering;
  pool->enqueue([this, socket, stream = guest.stream.get()] {
    const auto then = serve(*stream);
    {
      std::lock_guard lock(mutex);
      answered.emplace_back(socket, then);
    }
    (void)!::eventfd_write(wake_up, 1);
  });
}

/// The answer is with the system.
void WaitingRoom::Inside::go_on(int socket, Guest& guest) {
  guest.place = Place::waiting;
  guest.since = Clock::now();
  switch (guest.then) {
    case Then::close:
      if (!guest.stream->ends()) return put_out(socket);
      // Closing a socket with something unread resets it, and the peer may not see the answer.
      guest.stream->begin_draining();
      guest.place = Place::draining;
      break;
    case Then::wait_for_body:
      guest.stream->read_again();
      break;
    case Then::wait_for_next:
      guest.stream->next_request();
      break;
  }
  advance(socket);
}

void WaitingRoom::Inside::take_answered() {
  eventfd_t count = 0;
  (void)!::eventfd_read(wake_up, &count);
  std::vector<std::pair<int, Then>> some;
  {
    std::lock_guard lock(mutex);
    some.swap(answered);
  }
  for (const auto& [socket, then] : some) {
    auto& guest = guests.at(socket);
    guest.place = Place::sending;
    guest.since = Clock::now();
    guest.then = then;
    advance(socket);
    const auto at = guests.find(socket);
    if (at == guests.end() || at->second.place != Place::sending) continue;
    const auto peer = at->second.peer;  // it may be this one that goes
    bound_unsent(peer);
  }
}

void WaitingRoom::Inside::put_out_the_late() {
  const auto now = Clock::now();
  std::vector<int> late;
  for (const auto& [socket, guest] : guests)
    if (guest.place != Place::answering && guest.stream->until() <= now) late.push_back(socket);
  for (const int socket : late)
    put_out(socket);
}

/// At the end, when no thread is left: what was answered is sent, to who takes it soon.
void WaitingRoom::Inside::send_the_rest() {
  const auto until = Clock::now() + farewell_max;
  for (auto now = Clock::now(); now < until; now = Clock::now()) {
    std::vector<pollfd> polled;
    for (const auto& [socket, guest] : guests)
      if (guest.stream->send() == BoundedStream::Progress::incomplete)
        polled.push_back({socket, guest.stream->awaited_events(), 0});
    if (polled.empty()) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    (void)::poll(polled.data(), polled.size(), static_cast<int>(left));
  }
}

void WaitingRoom::Inside::run() {
  std::vector<pollfd> polled;
  while (!stopping) {
    polled.clear();
    polled.push_back({wake_up, POLLIN, 0});
    auto next = Clock::now() + std::chrono::hours(1);
    const bool accepts = Clock::now() >= accept_again;
    if (!accepts) next = accept_again;
    if (accepts) polled.push_back({listening, POLLIN, 0});
    for (const auto& [socket, guest] : guests) {
      if (guest.place == Place::answering) continue;
      polled.push_back({socket, guest.stream->awaited_events(), 0});
      next = std::min(next, guest.stream->until());
    }
    // Rounded up, or the last millisecond is spent in a circle.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    if (::poll(polled.data(), polled.size(), static_cast<int>(std::max<long>(left, 0))) < 0 &&
        errno != EINTR)
      throw std::runtime_error("the desk cannot wait for its connections");
    for (const auto& one : polled) {
      if (one.revents == 0 || one.fd == wake_up || one.fd == listening) continue;
      // One put out to make room meanwhile may have left its number to another.
      if (const auto at = guests.find(one.fd);
          at != guests.end() && at->second.place != Place::answering)
        advance(one.fd);
    }
    take_answered();
    put_out_the_late();
    if (accepts && polled[1].revents != 0) accept_some();
  }
}

WaitingRoom::WaitingRoom(RoomLimits limits, OpenChannel open, Serve serve)
    : inside_(std::make_unique<Inside>()) {
  inside_->limits = limits;
  inside_->open = std::move(open);
  inside_->serve = std::move(serve);
}

WaitingRoom::~WaitingRoom() {
  stop();
}

void WaitingRoom::start(int listening) {
  auto& in = *inside_;
  in.listening = listening;
  in.wake_up = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (in.wake_up < 0) throw std::runtime_error("the desk cannot start: too many open files");
  in.pool = std::make_unique<httplib::ThreadPool>(in.limits.threads);
  in.thread = std::thread([&in] {
    try {
      in.run();
    } catch (const std::exception& error) {
      log::error("the desk stopped answering", {{"reason", error.what()}});
      std::terminate();
    }
  });
}

void WaitingRoom::stop() {
  auto& in = *inside_;
  if (!in.thread.joinable()) return;
  in.stopping = true;
  (void)!::eventfd_write(in.wake_up, 1);
  in.thread.join();
  // Who sends a large body is not waited for.
  for (const auto& [socket, guest] : in.guests)
    if (guest.place == Place::answering) ::shutdown(socket, SHUT_RD);
  in.pool->shutdown();
  in.send_the_rest();
  in.guests.clear();
  ::close(in.wake_up);
}

}  // namespace liaison::web
