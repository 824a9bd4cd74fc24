#include "net/exchange_client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

#include "base/check.h"
#include "net/curve.h"
#include "net/native.h"

namespace liaison::net {
namespace {

constexpr int failure_events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                               ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
constexpr std::int64_t curve_overhead_bytes = 64;
constexpr std::size_t copied_bytes_max = 512;
// A connection that lasted less than this is like none: the wait goes on doubling, so that a
// broker that ends each one at once is not dialled ever faster.
constexpr Duration worth_counting{5000};

}  // namespace

struct ExchangeClient::State {
  enum class Phase { waiting, dialling, connected, down };

  State(Context& the_context, ClientOptions the_options, Entropy& the_entropy)
      : context(the_context), options(std::move(the_options)), entropy(the_entropy) {}

  Context& context;
  ClientOptions options;
  Entropy& entropy;
  CurveKey own_key;
  Phase phase = Phase::waiting;
  Socket dealer;
  Monitor monitor;
  std::size_t address = 0;
  unsigned rounds_failed = 0;
  std::optional<Duration>
      due;  ///< waiting: when to dial; nullopt: at once. Dialling: when it has taken too long
  Duration connected_at{0};
  std::optional<Then> hung_up;
  std::string trouble;

  void dial(Duration now);
  Happened lose(Duration now, Happened happened, std::string why);
  Happened hear(Duration now);
  Duration wait_before_dialling();
  bool send(Message& frame);
};

ExchangeClient::ExchangeClient(Context& context, ClientOptions options, Entropy& entropy)
    : state_(std::make_unique<State>(context, std::move(options), entropy)) {
  LIAISON_CHECK(!state_->options.addresses.empty());
  auto own_key = curve_public_of(state_->options.secret_key);
  LIAISON_CHECK(own_key.has_value());
  state_->own_key = *own_key;
}

ExchangeClient::~ExchangeClient() = default;

void ExchangeClient::add_to(PollSet& set) const {
  set.add_socket(state_->dealer.get());
  set.add_socket(state_->monitor.get());
}

void ExchangeClient::State::dial(Duration now) {
  auto ms = [](Duration duration) { return static_cast<int>(duration.count()); };
  dealer = Socket(context, ZMQ_DEALER);
  dealer.set(ZMQ_CURVE_SERVERKEY, options.server_key.view());
  dealer.set(ZMQ_CURVE_PUBLICKEY, own_key.view());
  dealer.set(ZMQ_CURVE_SECRETKEY, options.secret_key.view());
  dealer.set_int64(ZMQ_MAXMSGSIZE,
                   static_cast<std::int64_t>(options.frame_bytes_max) + curve_overhead_bytes);
  dealer.set(ZMQ_IMMEDIATE, 1);
  dealer.set(ZMQ_RECONNECT_IVL, -1);  // when to dial again, and whom, is decided here
  dealer.set(ZMQ_CONNECT_TIMEOUT, ms(options.handshake_longest));
  dealer.set(ZMQ_HANDSHAKE_IVL, ms(options.handshake_longest));
  dealer.set(ZMQ_HEARTBEAT_IVL, ms(options.heartbeat_every));
  dealer.set(ZMQ_HEARTBEAT_TIMEOUT, ms(options.silence_longest));
  dealer.set(ZMQ_SNDHWM, options.queued_frames_max);
  dealer.set(ZMQ_RCVHWM, options.queued_frames_max);
  dealer.set(ZMQ_IPV6, 1);
  monitor = Monitor(context, dealer, failure_events | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  phase = Phase::dialling;
  due = now + options.handshake_longest;
  dealer.connect(options.addresses[address]);
}

Duration ExchangeClient::State::wait_before_dialling() {
  auto wait = options.redial_shortest;
  for (unsigned i = 0; i < rounds_failed && wait < options.redial_longest; ++i)
    wait *= 2;
  wait = std::min(wait, options.redial_longest);
  std::array<std::uint8_t, 8> octets{};
  entropy.fill(octets);
  std::uint64_t random = 0;
  std::memcpy(&random, octets.data(), octets.size());
  auto half = wait.count() / 2;
  return Duration(wait.count() - static_cast<std::int64_t>(random % (half + 1)));
}

ExchangeClient::Happened ExchangeClient::State::lose(Duration now, Happened happened,
                                                     std::string why) {
  bool counted = phase == Phase::connected && now - connected_at >= worth_counting;
  monitor = Monitor();
  dealer = Socket();
  trouble = options.addresses[address] + ": " + std::move(why);
  phase = Phase::waiting;
  due = now + wait_before_dialling();
  address = (address + 1) % options.addresses.size();
  if (address == 0 && rounds_failed < 32) ++rounds_failed;
  if (counted) rounds_failed = 0;
  return happened;
}

ExchangeClient::Happened ExchangeClient::State::hear(Duration now) {
  Monitor::Event event{};
  while (monitor.next(event)) {
    if (event.what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
      if (phase != Phase::dialling) continue;
      (void)dealer.events();  // lets the connection take effect, so that the first send finds it
      phase = Phase::connected;
      connected_at = now;
      due.reset();
      trouble.clear();
      return Happened::connected;
    }
    if (event.what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
      return lose(now, Happened::refused, "the broker does not admit this node's key");
    }
    if (phase == Phase::connected) {
      return lose(now, Happened::disconnected, "the connection was lost");
    }
    if (event.what == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ||
        event.what == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) {
      return lose(now, Happened::nothing,
                  "what answers is not this broker, or does not speak CURVE");
    }
    return lose(now, Happened::nothing, "cannot be reached");
  }
  return Happened::nothing;
}

ExchangeClient::Happened ExchangeClient::step(Duration steady_now) {
  auto& state = *state_;
  if (state.hung_up) {
    auto then = *std::exchange(state.hung_up, std::nullopt);
    auto happened =
        state.phase == State::Phase::connected ? Happened::disconnected : Happened::nothing;
    state.lose(steady_now, happened, "hung up");
    if (then == Then::stay_down) {
      state.phase = State::Phase::down;
      state.due.reset();
    }
    return happened;
  }
  if (state.phase == State::Phase::waiting && (!state.due || steady_now >= *state.due)) {
    state.dial(steady_now);
  }
  if (state.phase != State::Phase::dialling && state.phase != State::Phase::connected) {
    return Happened::nothing;
  }
  auto happened = state.hear(steady_now);
  if (happened == Happened::nothing && state.phase == State::Phase::dialling &&
      steady_now >= *state.due) {
    return state.lose(steady_now, Happened::nothing, "no answer in time");
  }
  return happened;
}

std::optional<Duration> ExchangeClient::next_deadline() const {
  if (state_->hung_up || (state_->phase == State::Phase::waiting && !state_->due))
    return Duration(0);
  return state_->due;
}

bool ExchangeClient::is_connected() const {
  return state_->phase == State::Phase::connected;
}

const std::string& ExchangeClient::address() const {
  return state_->options.addresses[state_->address];
}

const std::string& ExchangeClient::trouble() const {
  return state_->trouble;
}

std::size_t ExchangeClient::receive(std::size_t frames_max,
                                    const std::function<void(ByteView)>& take) {
  std::size_t taken = 0;
  for (std::size_t read = 0; read < frames_max && is_connected(); ++read) {
    Message frame;
    if (!frame.receive(state_->dealer)) break;
    bool is_single = !frame.has_more();
    for (bool more = frame.has_more(); more;) {
      Message rest;
      more = rest.receive(state_->dealer) && rest.has_more();
    }
    if (!is_single) continue;
    ++taken;
    take(frame.view());
  }
  return taken;
}

bool ExchangeClient::State::send(Message& frame) {
  // Once more after "full": libzmq may not have looked yet whether the broker took something.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (frame.send(dealer, 0) == 0) return true;
    (void)dealer.events();
  }
  return false;
}

bool ExchangeClient::send(ByteView frame) {
  if (!is_connected()) return false;
  Message message(frame);
  return state_->send(message);
}

bool ExchangeClient::send(Bytes&& frame) {
  if (frame.size() <= copied_bytes_max || !is_connected()) return send(ByteView(frame));
  Message message(std::move(frame));
  return state_->send(message);
}

void ExchangeClient::hang_up(Then then) {
  state_->hung_up = then;
}

}  // namespace liaison::net
