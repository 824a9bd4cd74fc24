#include "net/exchange_server.h"

#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/time.h"
#include "net/connections.h"
#include "net/descriptor.h"
#include "net/native.h"

namespace liaison::net {
namespace {

constexpr int watched_events =
    ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
// What CURVE adds to a frame on the wire, which ZeroMQ's limit counts.
constexpr std::int64_t curve_overhead_bytes = 64;
constexpr std::size_t copied_bytes_max = 512;  // below it a copy costs less than giving memory away
// How long after an accept it is sure that libzmq has forgotten the route to whoever had the
// descriptor's number before: it does so within the same turn of its thread's loop.
constexpr Duration route_forgotten_after{1000};

/// Wakes the poll loop once a second, for what is due by the clock.
Descriptor every_second() {
  Descriptor out(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec period{{1, 0}, {1, 0}};
  if (!out.is_open() || ::timerfd_settime(out.get(), 0, &period, nullptr) != 0) {
    throw std::runtime_error(std::string("cannot make a timer: ") + std::strerror(errno));
  }
  return out;
}

/// The number in a routing id made by libzmq: a zero octet and a counter that began at random.
bool routing_number(ByteView id, std::uint32_t& out) {
  if (id.size() != 5 || id[0] != 0) return false;
  std::memcpy(&out, id.data() + 1, 4);
  return true;
}

Message routing_id_of(std::uint32_t number) {
  std::array<std::uint8_t, 5> octets{};
  std::memcpy(octets.data() + 1, &number, 4);
  return Message(ByteView(octets));
}

}  // namespace

struct ExchangeServer::State {
  Socket router;
  Monitor monitor;
  Connections connections;
  std::vector<std::string> addresses;
  Counts counts{};
  std::size_t frame_bytes_max = 0;
  unsigned strikes_max = 0;
  Duration silent_start_longest{};
  std::size_t silent_connections_max = 0;
  Descriptor timer = every_second();
  std::vector<ConnectionId> dropped_uncertain;  ///< not shut down yet
  std::vector<Misshapen> misshapen;

  void hear();
  void shut_down(int descriptor, std::uint64_t tenancy);
  void bound_silent();
  void tick();
  void drop(Connections::Connection& connection);
  void drop_for_certain();
  [[nodiscard]] bool has_route(std::uint32_t routing);
  Connections::Connection* introduce(std::uint32_t routing, Message& frame);
  void settle(Connections::Connection& connection, int descriptor);
  void strike(Connections::Connection& connection);
  bool receive_one(const std::function<void(const Received&)>& take, bool& taken);
  Sent send(ConnectionId to, Message& frame);
};

ExchangeServer::ExchangeServer(Context& context, Doorkeeper&, const ServerOptions& options)
    : state_(std::make_unique<State>()) {
  auto& router = state_->router;
  router = Socket(context, ZMQ_ROUTER);
  state_->frame_bytes_max = options.frame_bytes_max;
  state_->strikes_max = options.strikes_max;
  state_->silent_start_longest = options.silent_start_longest;
  state_->silent_connections_max = options.silent_connections_max;
  auto ms = [](Duration duration) { return static_cast<int>(duration.count()); };
  // All of a server's connections on one of libzmq's threads: the order of the monitor's news,
  // which connections.h rests on, holds within one thread.
  router.set_int64(ZMQ_AFFINITY, 1);
  router.set(ZMQ_CURVE_SERVER, 1);
  router.set(ZMQ_CURVE_SECRETKEY, options.secret_key.view());
  router.set(ZMQ_ZAP_DOMAIN, options.domain);
  router.set(zap_enforce_domain, 1);
  router.set_int64(ZMQ_MAXMSGSIZE,
                   static_cast<std::int64_t>(options.frame_bytes_max) + curve_overhead_bytes);
  router.set(ZMQ_ROUTER_MANDATORY, 1);
  router.set(ZMQ_ROUTER_HANDOVER, 0);
  router.set(ZMQ_HANDSHAKE_IVL, ms(options.handshake_longest));
  router.set(ZMQ_HEARTBEAT_IVL, ms(options.heartbeat_every));
  router.set(ZMQ_HEARTBEAT_TIMEOUT, ms(options.silence_longest));
  router.set(ZMQ_SNDHWM, options.queued_frames_max);
  router.set(ZMQ_RCVHWM, options.queued_frames_max);
  router.set(ZMQ_BACKLOG, options.backlog);
  router.set(ZMQ_IPV6, 1);
  state_->monitor = Monitor(context, router, watched_events);
  for (const auto& address : options.addresses)
    state_->addresses.push_back(router.bind(address));
}

ExchangeServer::~ExchangeServer() = default;

const std::vector<std::string>& ExchangeServer::addresses() const {
  return state_->addresses;
}

void ExchangeServer::add_to(PollSet& set) const {
  set.add_socket(state_->router.get());
  set.add_socket(state_->monitor.get());
  set.add_descriptor(state_->timer.get());
}

void ExchangeServer::State::hear() {
  Monitor::Event event{};
  while (monitor.next(event)) {
    if (event.what == ZMQ_EVENT_ACCEPTED) {
      connections.accepted(event.value, system_now().steady);
    } else if (event.what == ZMQ_EVENT_DISCONNECTED) {
      connections.disconnected(event.value);
    } else {
      ++counts.handshakes_failed;
      if (event.what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) ++counts.handshakes_denied;
    }
  }
}

void ExchangeServer::State::shut_down(int descriptor, std::uint64_t tenancy) {
  // The duplicate holds on to the socket itself; whose it is, is judged after.
  Descriptor held(::dup(descriptor));
  if (!held.is_open()) return;
  hear();
  if (!connections.is_open(descriptor, tenancy)) return;
  if (::shutdown(held.get(), SHUT_RDWR) == 0) ++counts.shut_down;
}

void ExchangeServer::State::bound_silent() {
  if (silent_connections_max == 0) return;
  for (auto [descriptor, tenancy] : connections.take_silent_beyond(silent_connections_max))
    shut_down(descriptor, tenancy);
}

void ExchangeServer::State::tick() {
  std::uint64_t expired = 0;
  if (::read(timer.get(), &expired, sizeof expired) != sizeof expired) return;
  for (auto [descriptor, tenancy] :
       connections.silent_since(system_now().steady - silent_start_longest)) {
    shut_down(descriptor, tenancy);
  }
  drop_for_certain();
}

void ExchangeServer::State::drop(Connections::Connection& connection) {
  if (connection.is_dropped) return;
  connection.is_dropped = true;
  if (connection.is_certain) {
    shut_down(connection.descriptor, connection.tenancy_at_most);
  } else {
    dropped_uncertain.push_back(connection.id);
  }
}

bool ExchangeServer::State::has_route(std::uint32_t routing) {
  (void)router.events();  // lets what libzmq's thread has said take effect
  auto id = routing_id_of(routing);
  int error = id.send(router, ZMQ_SNDMORE);
  if (error != 0) return error == EAGAIN;
  Message empty;
  empty.send(router, 0);  // to a peer that is dropped, so it does not matter
  return true;
}

void ExchangeServer::State::drop_for_certain() {
  auto newest = system_now().steady - route_forgotten_after;
  std::erase_if(dropped_uncertain, [&](ConnectionId id) {
    auto* connection = connections.find(id);
    if (connection == nullptr || connection->is_certain) return true;
    if (!connections.is_open_since(connection->descriptor, newest)) return false;
    if (!has_route(connection->routing)) {
      connections.end(*connection);
      return true;
    }
    connection->is_certain = true;
    shut_down(connection->descriptor, connections.claim(connection->descriptor).tenancy);
    return true;
  });
}

Connections::Connection* ExchangeServer::State::introduce(std::uint32_t routing, Message& frame) {
  if (connections.has_ended(routing)) return nullptr;
  const char* text = zmq_msg_gets(frame.raw(), "User-Id");
  auto user = text == nullptr ? Result<CurveKey>(fail(Reason::untrusted, "no User-Id"))
                              : CurveKey::parse(text);
  int descriptor = zmq_msg_get(frame.raw(), ZMQ_SRCFD);
  auto claim = connections.claim(descriptor);
  hear();
  if (!user) {
    ++counts.without_user;
    if (connections.holds(claim)) shut_down(descriptor, claim.tenancy);
    return nullptr;
  }
  auto& added = connections.add(routing, *user, descriptor);
  added.is_certain = connections.holds(claim);
  return &added;
}

void ExchangeServer::State::settle(Connections::Connection& connection, int descriptor) {
  auto claim = connections.claim(descriptor);
  hear();
  if (!connections.holds(claim)) return;
  connection.is_certain = true;
  connection.tenancy_at_most = claim.tenancy;
  if (connection.is_dropped) shut_down(descriptor, claim.tenancy);
}

void ExchangeServer::State::strike(Connections::Connection& connection) {
  ++counts.multipart;
  if (!connection.is_dropped) misshapen.push_back({connection.id, connection.user});
  if (++connection.strikes >= strikes_max) drop(connection);
}

bool ExchangeServer::State::receive_one(const std::function<void(const Received&)>& take,
                                        bool& taken) {
  taken = false;
  Message id;
  if (!id.receive(router)) return false;
  Message frame;
  bool there = frame.receive(router);  // the parts of a message come together
  bool is_single = there && !frame.has_more();
  for (bool more = there && frame.has_more(); more;) {
    Message rest;
    more = rest.receive(router) && rest.has_more();
  }
  if (!there) return true;
  std::uint32_t routing = 0;
  if (!routing_number(id.view(), routing)) {
    ++counts.chosen_routing_ids;
    int descriptor = zmq_msg_get(frame.raw(), ZMQ_SRCFD);
    auto claim = connections.claim(descriptor);
    hear();
    if (connections.holds(claim)) shut_down(descriptor, claim.tenancy);
    return true;
  }
  auto* connection = connections.find(routing);
  if (connection == nullptr) {
    connection = introduce(routing, frame);
    if (connection == nullptr) return true;
  } else if (!connection->is_certain) {
    settle(*connection, connection->descriptor);
  }
  if (!is_single || frame.view().size() > frame_bytes_max) {
    strike(*connection);
    return true;
  }
  if (connection->is_dropped) return true;
  ++counts.frames_received;
  taken = true;
  take({connection->id, connection->user, frame.view()});
  return true;
}

std::size_t ExchangeServer::receive(std::size_t frames_max,
                                    const std::function<void(const Received&)>& take) {
  state_->hear();
  state_->tick();
  std::size_t taken_count = 0;
  // Frames that are not handed on count against the limit too: a peer cannot keep the loop here.
  for (std::size_t read = 0; read < frames_max; ++read) {
    bool taken = false;
    if (!state_->receive_one(take, taken)) {
      state_->connections.seen_empty();
      break;
    }
    if (taken) ++taken_count;
  }
  // After the frames: who has spoken is not silent, however late it is read.
  state_->bound_silent();
  return taken_count;
}

std::vector<ConnectionId> ExchangeServer::closed() {
  return state_->connections.take_closed();
}

std::vector<ExchangeServer::Misshapen> ExchangeServer::misshapen() {
  return std::exchange(state_->misshapen, {});
}

ExchangeServer::Sent ExchangeServer::State::send(ConnectionId to, Message& frame) {
  auto* connection = connections.find(to);
  if (connection == nullptr || connection->is_dropped) return Sent::gone;
  // Once more after "full": libzmq may not have looked yet whether the peer took something.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto id = routing_id_of(connection->routing);
    int error = id.send(router, ZMQ_SNDMORE);
    if (error == 0) {
      frame.send(router, 0);
      ++counts.frames_sent;
      return Sent::queued;
    }
    if (error == EHOSTUNREACH) return Sent::gone;
    (void)router.events();
  }
  return Sent::full;
}

ExchangeServer::Sent ExchangeServer::send(ConnectionId to, ByteView frame) {
  Message message(frame);
  return state_->send(to, message);
}

ExchangeServer::Sent ExchangeServer::send(ConnectionId to, Bytes&& frame) {
  if (frame.size() <= copied_bytes_max) return send(to, ByteView(frame));
  Message message(std::move(frame));
  return state_->send(to, message);
}

void ExchangeServer::drop(ConnectionId id) {
  auto* connection = state_->connections.find(id);
  if (connection != nullptr) state_->drop(*connection);
}

ExchangeServer::Counts ExchangeServer::counts() const {
  auto out = state_->counts;
  out.connections = state_->connections.size();
  out.ended_unheard = state_->connections.ended_unheard();
  return out;
}

}  // namespace liaison::net
