#include "broker/program/loop.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/log.h"
#include "broker/program/archive.h"
#include "broker/program/backup.h"
#include "broker/program/console.h"
#include "broker/program/export.h"
#include "broker/program/offline.h"
#include "broker/program/outside_witnesses.h"
#include "crypto/random.h"
#include "net/admin.h"
#include "net/exchange_server.h"
#include "net/limits.h"
#include "net/signals.h"
#include "store/database.h"
#include "store/failure.h"

namespace liaison::broker {

namespace {

constexpr const char* exchange_domain = "exchange";
constexpr const char* joining_domain = "joining";
constexpr std::size_t frames_a_turn = 64;
constexpr std::size_t joinings_a_turn = 8;
constexpr Duration tick = std::chrono::seconds(1);
/// So long a goodbye has to leave before its connection is shut down.
constexpr Duration farewell = std::chrono::milliseconds(200);

net::ServerOptions options_of(const std::vector<std::string>& addresses,
                              const crypto::CurvePair& pair, const char* domain) {
  net::ServerOptions out;
  out.addresses = addresses;
  out.secret_key = pair.secret().clone();
  out.domain = domain;
  return out;
}

/// Anybody who has an invitation, or the broker's public key, may knock there.
net::ServerOptions joining_options(const Settings& settings, const crypto::CurvePair& pair) {
  auto out = options_of(settings.joining, pair, joining_domain);
  out.silent_connections_max = 32;
  out.silent_start_longest = std::chrono::seconds(5);
  out.strikes_max = 1;
  return out;
}

crypto::CurvePair pair_of(const crypto::KeyVault& keys) {
  auto pair = keys.curve(curve_key);
  if (!pair) throw std::runtime_error(pair.error().text);
  return std::move(*pair);
}

}  // namespace

struct Loop::Parts {
  Parts(const Installation& from, const crypto::KeyVault& keys)
      : installation(from),
        vault(keys),
        pair(pair_of(vault)),
        engine(open_engine(from, &vault, entropy, system_now())),
        doorkeeper(context),
        exchange(context, doorkeeper, options_of(from.settings.listen, pair, exchange_domain)),
        joining(context, doorkeeper, joining_options(from.settings, pair)),
        admin(from.directory.string()),
        console(from.settings.console),
        witnesses(from.settings.witnesses),
        offline(from.directory) {
    if (auto clock = engine->check_clock(system_now()); !clock)
      throw std::runtime_error(clock.error().text);
    doorkeeper.admit_all(joining_domain);
    admit(system_now());
    poller.add(stop);
    poller.add(exchange);
    poller.add(joining);
    poller.add(admin);
  }

  void admit(Now now) {
    const auto keys = engine->admitted(now);
    doorkeeper.admit_only(exchange_domain, {keys.begin(), keys.end()});
  }
  void once(Now now);
  void speak(Turn&& turn, Now now);
  void drop_due(Now now);
  void tell_turned_away(Now now);
  void serve_admin(Now now);
  void begin_work(std::uint64_t call, const std::string& what, const nlohmann::json& request);
  void continue_work();
  [[nodiscard]] std::string work_is_under_way() const;
  std::string rotate_log_key(Now now);
  [[nodiscard]] Duration patience(Now now) const;

  net::StopSignal stop;  // first: it blocks the signals for all threads
  const Installation& installation;
  crypto::KeyVault vault;
  crypto::SystemEntropy entropy;
  crypto::CurvePair pair;
  std::unique_ptr<Engine> engine;
  net::Context context;
  net::Doorkeeper doorkeeper;
  net::ExchangeServer exchange;
  net::ExchangeServer joining;
  net::AdminServer admin;
  Console console;
  OutsideWitnesses witnesses;
  OfflineAuthority offline;
  net::Poller poller;
  struct Drop {
    Duration due;
    net::ExchangeServer* server;
    ConnectionId connection;
  };
  std::deque<Drop> drops;
  /// What is written between the turns, a piece at a time, and who asked for it.
  struct LongWork {
    std::uint64_t call;
    std::string what;                        ///< "backup"
    std::function<nlohmann::json()> answer;  ///< when it has ended well
    std::function<std::optional<Result<void>>()> step;
  };
  std::optional<LongWork> work;
  Duration next_tick{};
  std::uint64_t handshakes_broken = 0;  // of those told to the engine
  std::uint64_t descriptors = 0;        // that this process may open
};

Loop::Loop(const Installation& installation, const crypto::KeyVault& keys) {
  const auto limit = net::raise_descriptor_limit(
      std::uint64_t{4} * std::min<std::uint32_t>(installation.settings.limits.nodes_max, 100'000));
  if (limit < net::descriptors_least) throw std::runtime_error(net::too_few_descriptors(limit));
  parts_ = std::make_unique<Parts>(installation, keys);
  parts_->descriptors = limit;
}
Loop::~Loop() = default;

void Loop::run() {
  auto& parts = *parts_;
  for (const auto& address : parts.exchange.addresses())
    log::info("serving", {{"exchange", address}});
  for (const auto& address : parts.joining.addresses())
    log::info("serving", {{"joining", address}});
  // Four for each node: with fewer, libzmq burns a core where it should refuse.
  log::info("this process may open files and connections for so many nodes",
            {{"nodes", std::to_string(parts.descriptors / 4)},
             {"limit", std::to_string(parts.descriptors)}});
  if (parts.engine->counts().recovering)
    log::warning("restored: collecting what nodes know before letters are carried");
  while (!parts.stop.asked()) {
    parts.poller.wait(parts.patience(system_now()));
    parts.once(system_now());
  }
  log::info("stopping");
  parts.engine->stop(system_now());
  const auto until = system_now().steady + farewell;
  for (auto now = system_now(); now.steady < until; now = system_now()) {
    parts.speak(parts.engine->turn(now), now);
    parts.poller.wait(std::min<Duration>(until - now.steady, std::chrono::milliseconds(20)));
  }
}

Duration Loop::Parts::patience(Now now) const {
  if (work) return Duration{};
  auto longest = std::max(next_tick - now.steady, Duration{});
  if (auto due = engine->next_deadline())
    longest = std::min<Duration>(longest, std::max<Duration>(*due - now.wall, Duration{}));
  if (!drops.empty())
    longest = std::min(longest, std::max(drops.front().due - now.steady, Duration{}));
  return longest;
}

void Loop::Parts::once(Now now) {
  exchange.receive(frames_a_turn, [&](const net::Received& from) {
    engine->frame(from.connection, from.user, from.frame, now);
  });
  for (auto connection : exchange.closed())
    engine->closed(connection, now);
  // A node that has its answer connects at once: the doorkeeper must know its key by then.
  std::vector<std::pair<ConnectionId, Bytes>> joined;
  joining.receive(joinings_a_turn, [&](const net::Received& from) {
    if (auto answer = engine->join(from.frame, from.user, now))
      joined.emplace_back(from.connection, std::move(*answer));
    else
      joining.drop(from.connection);
  });
  (void)joining.closed();
  for (const auto& each : exchange.misshapen())
    engine->misshapen(each.connection, each.user, now);
  for (const auto& each : joining.misshapen())
    engine->denied_before(Denial::What::joining, each.user, "misshapen", 1, now);
  serve_admin(now);
  if (now.steady >= next_tick) {
    next_tick = now.steady + tick;
    if (!installation.settings.authority_online) offline.look(*engine, now);
    tell_turned_away(now);
    console.show(engine->metrics());
    engine->watch_store(now);
    witnesses.look(*engine, now);
  }
  speak(engine->turn(now), now);
  // One question a connection: nobody keeps a place at the door.
  for (auto& [connection, answer] : joined) {
    joining.send(connection, std::move(answer));
    drops.push_back({now.steady + farewell, &joining, connection});
  }
  continue_work();
}

void Loop::Parts::speak(Turn&& turn, Now now) {
  for (auto& each : turn.sends) {
    // Who does not take what waits for it already is let go; it comes back and is given it anew.
    if (exchange.send(each.to, std::move(each.frame)) == net::ExchangeServer::Sent::full) {
      exchange.drop(each.to);
      engine->closed(each.to, now);
    }
  }
  for (auto connection : turn.drops)
    drops.push_back({now.steady + farewell, &exchange, connection});
  drop_due(now);
  if (turn.admitted_changed) admit(now);
}

void Loop::Parts::drop_due(Now now) {
  while (!drops.empty() && drops.front().due <= now.steady) {
    drops.front().server->drop(drops.front().connection);
    drops.pop_front();
  }
}

void Loop::Parts::tell_turned_away(Now now) {
  using Why = net::Doorkeeper::Refusal::Why;
  for (const auto& each : doorkeeper.take_refusals()) {
    const char* why = each.why == Why::unknown   ? "unknown_key"
                      : each.why == Why::hurried ? "too_often"
                                                 : "malformed";
    engine->denied_before(Denial::What::handshake, each.key, why, each.count, now);
  }
  std::uint64_t broken = 0;
  for (const auto* server : {&exchange, &joining}) {
    const auto counts = server->counts();
    broken += counts.ended_unheard - std::min(counts.ended_unheard, counts.handshakes_denied);
  }
  // What was denied is told above; its end may be heard of a moment before or after that.
  broken = std::max(broken, handshakes_broken);
  engine->denied_before(Denial::What::handshake, std::nullopt, "not_completed",
                        broken - std::exchange(handshakes_broken, broken), now);
}

void Loop::Parts::serve_admin(Now now) {
  for (auto& call : admin.receive()) {
    const auto request = nlohmann::json::parse(call.line, nullptr, false);
    const auto command =
        request.is_object() ? request.value("command", nlohmann::json()) : nlohmann::json();
    if (command == "backup" || command == "export" || command == "archive")
      begin_work(call.id, command.get<std::string>(), request);
    else if (command == "rotate-log-key")
      admin.answer(call.id, rotate_log_key(now));
    else if (command == "status")
      admin.answer(call.id, offline.with_not_read(engine->admin(call.line, now)));
    else
      admin.answer(call.id, engine->admin(call.line, now));
  }
}

void Loop::Parts::begin_work(std::uint64_t call, const std::string& what,
                             const nlohmann::json& request) {
  const auto refuse = [&](const std::string& why) {
    admin.answer(call, nlohmann::json{{"error", why}}.dump());
  };
  const char* const member = what == "backup" ? "file" : "directory";
  if (!request.contains(member) || !request[member].is_string())
    return refuse(what + ": " + member + ": a text is wanted");
  if (work) return refuse(work_is_under_way());
  const auto path = request[member].get<std::string>();
  if (what == "backup") {
    const auto pieces =
        std::make_shared<BackupInPieces>(engine->database(), installation.directory, path);
    work = LongWork{call, what,
                    [path] {
                      return nlohmann::json{{"file", path}};
                    },
                    [pieces] { return pieces->step(); }};
  } else if (what == "export") {
    const auto pieces = std::make_shared<ExportInPieces>(*engine, path);
    work = LongWork{call, what, [this, pieces, path] { return told(*pieces, *engine, path); },
                    [pieces] { return pieces->step(); }};
  } else {
    const auto before = before_of(request, system_now());
    if (!before) return refuse(before.error().text);
    const auto pieces =
        std::make_shared<ArchiveInPieces>(*engine, path, *before, archive_pieces_a_call);
    work = LongWork{call, what, [this, pieces, path] { return told(*pieces, *engine, path); },
                    [pieces] { return pieces->step(); }};
  }
}

std::string Loop::Parts::work_is_under_way() const {
  return (work->what == "backup" ? "a " : "an ") + work->what + " is being written: wait for it";
}

std::string Loop::Parts::rotate_log_key(Now now) {
  // A backup that is being written would have key files of after its store.
  if (work) return nlohmann::json{{"error", work_is_under_way()}}.dump();
  const auto changed = change_log_key(*engine, vault, "root", now);
  if (!changed) return nlohmann::json{{"error", changed.error().text}}.dump();
  return nlohmann::json{{"ok", json_of(*changed)}}.dump();
}

void Loop::Parts::continue_work() {
  if (!work) return;
  nlohmann::json out;
  try {
    const auto done = work->step();
    if (!done) return;
    if (*done)
      out["ok"] = work->answer();
    else
      out["error"] = done->error().text;
  } catch (const store::Failure& failure) {
    if (work->what == "archive") throw;  // our own store: that ends the process
    out["error"] = "the " + work->what + " could not be written: " + failure.what();
  } catch (const std::exception& error) {  // the disk it goes to failed, not necessarily ours
    out["error"] = "the " + work->what + " could not be written: " + error.what();
  }
  admin.answer(work->call, out.dump());
  work.reset();
}

}  // namespace liaison::broker
