#include "net/doorkeeper.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/native.h"
#include "net/signals.h"

namespace liaison::net {
namespace {

// RFC 27 of ZeroMQ (ZAP). A request: version, request id, domain, address, routing id, mechanism,
// credentials. An answer: version, request id, status code, status text, user id, metadata.
constexpr const char* zap_address = "inproc://zeromq.zap.01";
constexpr std::size_t request_parts = 7;

/// So many handshakes at once, then so many each second.
struct Allowance {
  double at_once;
  double each_second;
};
// A node that redials has a wait that doubles and stays far below it.
constexpr Allowance of_known_key{60, 2};
// Where any key may connect, all keys together, since whoever is paced by key takes another.
constexpr Allowance of_open_domain{100, 20};

class Pace {
 public:
  explicit Pace(Allowance allowance) : allowance_(allowance) {}
  /// Counts one more.
  bool is_hurried(Duration now) {
    const double seconds = std::chrono::duration<double>(now - at_).count();
    left_ = std::min(allowance_.at_once, left_ + seconds * allowance_.each_second);
    at_ = now;
    if (left_ < 1) return true;
    left_ -= 1;
    return false;
  }

 private:
  Allowance allowance_;
  double left_ = allowance_.at_once;
  Duration at_{0};
};

struct Domain {
  bool is_open = false;
  std::unordered_set<CurveKey> keys;
  Pace pace{of_open_domain};
};

}  // namespace

struct Doorkeeper::State {
  Socket socket;
  Wakeup wakeup;
  std::function<void()> on_failure;
  std::atomic<bool> stops{false};
  std::atomic<bool> fails{false};
  std::mutex mutex;
  std::unordered_map<std::string, Domain> domains;
  std::unordered_map<CurveKey, Pace> paces;  // of known keys only, so bounded by them
  Counts counts{};
  std::vector<Refusal> refusals;
  std::thread thread;

  void run();
  void serve();
  bool answer_one();
  bool may_enter(const std::vector<std::string>& parts);
  bool is_hurried(Domain& domain, const CurveKey& key);
  void note(const std::string& domain, const std::optional<CurveKey>& key, Refusal::Why why);
};

void Doorkeeper::State::run() {
  try {
    serve();
  } catch (const std::exception&) {
    // Falls through to the failure below: nobody is admitted from here on.
  }
  socket = Socket();
  if (fails.load() || !stops.load()) on_failure();
}

void Doorkeeper::State::serve() {
  std::array<zmq_pollitem_t, 2> items{};
  while (!stops.load() && !fails.load()) {
    items[0] = {socket.get(), 0, ZMQ_POLLIN, 0};
    items[1] = {nullptr, wakeup.descriptor(), ZMQ_POLLIN, 0};
    if (zmq_poll(items.data(), 2, -1) < 0 && zmq_errno() != EINTR) zmq_failed("cannot wait");
    while (answer_one()) {
    }
    wakeup.clear();
  }
}

bool Doorkeeper::State::answer_one() {
  std::vector<std::string> parts;
  bool more = true;
  while (more) {
    Message part;
    if (!part.receive(socket)) return false;
    // Only libzmq itself asks here, but the User-Id of all hangs on it: bound it all the same.
    if (parts.size() < request_parts + 1) parts.emplace_back(part.text());
    more = part.has_more();
  }
  bool admitted = may_enter(parts);
  std::string user = admitted ? to_hex(as_bytes(parts[6])) : std::string();
  std::array<std::string, 6> answer = {"1.0",
                                       parts.size() > 1 ? parts[1] : std::string(),
                                       admitted ? "200" : "400",
                                       admitted ? "OK" : "not admitted",
                                       user,
                                       ""};
  for (std::size_t i = 0; i < answer.size(); ++i) {
    Message part(as_bytes(answer[i]));
    part.send(socket, i + 1 < answer.size() ? ZMQ_SNDMORE : 0);
  }
  return true;
}

bool Doorkeeper::State::may_enter(const std::vector<std::string>& parts) {
  std::lock_guard lock(mutex);
  if (parts.size() != request_parts || parts[0] != "1.0" || parts[5] != "CURVE" ||
      parts[6].size() != CurveKey::size) {
    ++counts.malformed;
    note({}, std::nullopt, Refusal::Why::malformed);
    return false;
  }
  auto key = *CurveKey::from(as_bytes(parts[6]));
  auto domain = domains.find(parts[2]);
  bool admitted =
      domain != domains.end() && (domain->second.is_open || domain->second.keys.contains(key));
  if (!admitted) {
    ++counts.refused;
    note(parts[2], key, Refusal::Why::unknown);
    return false;
  }
  if (is_hurried(domain->second, key)) {
    ++counts.hurried;
    // A stranger has another key each time: it says nothing, and would crowd out those that do.
    note(parts[2], domain->second.is_open ? std::nullopt : std::optional(key),
         Refusal::Why::hurried);
    return false;
  }
  ++counts.admitted;
  return true;
}

void Doorkeeper::State::note(const std::string& domain, const std::optional<CurveKey>& key,
                             Refusal::Why why) {
  const auto count_in = [&](const std::optional<CurveKey>& which) {
    auto same = std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& each) {
      return each.key == which && each.why == why && each.domain == domain;
    });
    if (same == refusals.end()) return false;
    ++same->count;
    return true;
  };
  if (count_in(key)) return;
  if (refusals.size() < refusals_told_max) {
    refusals.push_back({domain, key, why, 1});
  } else if (!count_in(std::nullopt)) {
    refusals.push_back({domain, std::nullopt, why, 1});  // a few more at most: domains and reasons
  }
}

bool Doorkeeper::State::is_hurried(Domain& domain, const CurveKey& key) {
  auto& pace = domain.is_open ? domain.pace : paces.try_emplace(key, of_known_key).first->second;
  return pace.is_hurried(system_now().steady);
}

Doorkeeper::Doorkeeper(Context& context, std::function<void()> on_failure)
    : state_(std::make_unique<State>()) {
  state_->on_failure = std::move(on_failure);
  if (!state_->on_failure) {
    state_->on_failure = [] {
      std::fputs("the check of who may connect has failed: stopping\n", stderr);
      std::_Exit(1);
    };
  }
  state_->socket = Socket(context, ZMQ_REP);
  state_->socket.bind(zap_address);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Doorkeeper::~Doorkeeper() {
  state_->stops.store(true);
  state_->wakeup.wake();
  state_->thread.join();
}

void Doorkeeper::admit_only(const std::string& domain, std::unordered_set<CurveKey> keys) {
  std::lock_guard lock(state_->mutex);
  auto& closed = state_->domains[domain];
  closed.is_open = false;
  closed.keys = std::move(keys);
  std::erase_if(state_->paces, [&](const auto& pace) {
    return std::none_of(state_->domains.begin(), state_->domains.end(),
                        [&](const auto& entry) { return entry.second.keys.contains(pace.first); });
  });
}

void Doorkeeper::admit(const std::string& domain, const CurveKey& key) {
  std::lock_guard lock(state_->mutex);
  state_->domains[domain].keys.insert(key);
}

void Doorkeeper::refuse(const std::string& domain, const CurveKey& key) {
  std::lock_guard lock(state_->mutex);
  state_->domains[domain].keys.erase(key);
  state_->paces.erase(key);
}

void Doorkeeper::admit_all(const std::string& domain) {
  std::lock_guard lock(state_->mutex);
  auto& opened = state_->domains[domain];
  opened.is_open = true;
  opened.keys.clear();
}

Doorkeeper::Counts Doorkeeper::counts() const {
  std::lock_guard lock(state_->mutex);
  return state_->counts;
}

std::vector<Doorkeeper::Refusal> Doorkeeper::take_refusals() {
  std::lock_guard lock(state_->mutex);
  return std::exchange(state_->refusals, {});
}

void Doorkeeper::fail_for_test() {
  state_->fails.store(true);
  state_->wakeup.wake();
}

}  // namespace liaison::net
