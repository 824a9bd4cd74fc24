#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/check.h"
#include "broker/shell/engine.h"
#include "broker/shell/store.h"
#include "broker/shell/testing/peer.h"
#include "crypto/random.h"
#include "crypto/revocation.h"
#include "store/database.h"
#include "store/testing/faulty_disk.h"

namespace liaison::broker::testing {

/// An engine on a disk in memory, with what its connections were told.
class Broker {
 public:
  explicit Broker(std::string name, std::uint64_t seed = 1, Limits limits = {})
      : authority(certs::Authority::make("Test exchange", now.wall)), disk(std::move(name), seed) {
    config.limits = limits;
    config.curve = crypto::CurvePair::generate().public_key();
    config.log_key = crypto::Ed25519Key::generate();
  }

  std::unique_ptr<store::Database> database() {
    auto options = Store::options("broker.db");
    options.vfs = disk.vfs();
    return std::make_unique<store::Database>(options, Store::schema());
  }
  void found() {
    auto fresh = database();
    Engine::found(*fresh, authority, now);
  }
  void start() { engine = std::make_unique<Engine>(config, database(), authority, entropy, now); }
  void kill() {
    disk.kill();
    engine.reset();
    said.clear();
  }

  void admit(Peer& peer) {
    auto invitation = invite(peer);
    auto answer = engine->join(peer.join_request(invitation), peer.curve.public_key(), now);
    LIAISON_CHECK(std::holds_alternative<wire::Joined>(answer));
    peer.joined(std::get<wire::Joined>(answer));
  }
  certs::Invitation invite(const Peer& peer, InviteOrder::Kind kind = InviteOrder::Kind::join) {
    auto invitation = engine->invite({{peer.id, "Organisation of " + peer.id.text(), peer.role, {}},
                                      std::chrono::hours(1),
                                      kind},
                                     "root", now);
    LIAISON_CHECK(invitation.has_value());
    return *invitation;
  }

  void send(std::uint64_t connection, const Peer& peer, const wire::Frame& frame) {
    engine->frame(ConnectionId{connection}, peer.curve.public_key(), wire::encode(frame), now);
  }
  void turn() {
    auto turn = engine->turn(now);
    for (auto& each : turn.sends) {
      auto frame = wire::decode_frame(each.frame);
      LIAISON_CHECK(frame.has_value());
      said[static_cast<std::uint64_t>(each.to)].push_back(std::move(*frame));
    }
    for (auto each : turn.drops)
      dropped.push_back(static_cast<std::uint64_t>(each));
  }
  /// hello and a sealing certificate, answered.
  void connect(std::uint64_t connection, Peer& peer) {
    send(connection, peer, peer.hello(now.wall));
    turn();
    if (!peer.sealed_by) {
      send(connection, peer, peer.sealing_certificate(now.wall));
      turn();
    }
  }
  /// Renews a peer's certificate, with the same CURVE key; why it was refused, or nothing.
  std::string renew(std::uint64_t connection, Peer& peer) {
    const auto next = crypto::PrivateKey::generate();
    send(connection, peer, peer.renewal(next, peer.curve.public_key()));
    turn();
    const auto answers = heard<wire::Renewed>(connection);
    LIAISON_CHECK(answers.size() == 1);
    if (const auto* why = std::get_if<std::string>(&answers[0].result)) return *why;
    peer.signing = next;
    peer.certificate = *crypto::Certificate::parse(std::get<Bytes>(answers[0].result));
    return "";
  }
  /// The body of the last entry of a kind in the registry.
  Bytes newest(wire::EntryKind kind) {
    auto find = engine->database().prepare(
        "SELECT body FROM registry WHERE kind=? ORDER BY position DESC LIMIT 1");
    auto rows = find.query(static_cast<int>(kind));
    LIAISON_CHECK(rows.next());
    return copy_of(rows.blob(0));
  }
  crypto::RevocationList newest_list() {
    return *crypto::RevocationList::parse(newest(wire::EntryKind::revocation_list));
  }
  /// Everything of one kind that a connection was told; taken out.
  template <class T>
  std::vector<T> heard(std::uint64_t connection) {
    std::vector<T> out;
    std::vector<wire::Frame> rest;
    for (auto& frame : said[connection]) {
      if (auto* wanted = std::get_if<T>(&frame))
        out.push_back(std::move(*wanted));
      else
        rest.push_back(std::move(frame));
    }
    said[connection] = std::move(rest);
    return out;
  }
  template <class T>
  std::vector<T> heard_items(std::uint64_t connection) {
    std::vector<T> out;
    for (auto& list : heard<std::vector<T>>(connection))
      out.insert(out.end(), list.begin(), list.end());
    return out;
  }

  Now now{from_ms(1'800'000'000'000), Duration(1'000'000)};
  EngineConfig config;
  certs::Authority authority;
  crypto::SystemEntropy entropy;
  store::testing::FaultyDisk disk;
  std::unique_ptr<Engine> engine;
  std::map<std::uint64_t, std::vector<wire::Frame>> said;
  std::vector<std::uint64_t> dropped;
};

/// A broker that serves an office and a provider, on connections 1 and 2.
struct Two {
  explicit Two(const char* name, Limits limits = {}) : broker(name, 1, limits) {
    broker.found();
    broker.start();
    broker.admit(leeds);
    broker.admit(able);
    broker.connect(1, leeds);
    broker.connect(2, able);
    broker.said.clear();
  }
  Broker broker;
  Peer leeds{"jcp-leeds", NodeRole::adviser};
  Peer able{"able-futures", NodeRole::provider};
};

/// Why a request to join was refused; empty: it was not.
inline std::string refusal(const wire::JoinAnswer& answer) {
  const auto* text = std::get_if<std::string>(&answer);
  return text == nullptr ? "" : *text;
}

}  // namespace liaison::broker::testing
