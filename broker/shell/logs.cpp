#include "broker/shell/logs.h"

#include <algorithm>
#include <iterator>

#include "base/log.h"

namespace liaison::broker {
namespace {

constexpr Duration checkpoint_every = std::chrono::seconds(1);
// 300,000 entries are hashed in about a second: a start does not wait longer for it.
constexpr std::uint32_t compared_at_start = 200'000;
constexpr std::uint32_t compared_at_once = 2'000;

VerifiableLog::Identity identity_of(LogName name, const Logs::Identity& from) {
  return {wire::origin_of(name, from.authority, from.epoch), from.epoch, from.key, from.sign};
}

}  // namespace

Logs::Logs(store::Database& database, const Identity& identity, Entropy& entropy)
    : authority_(identity.authority),
      epoch_(identity.epoch),
      signs_(identity.sign.has_value()),
      registry_(database, LogName::registry, identity_of(LogName::registry, identity)),
      message_(database, LogName::message, identity_of(LogName::message, identity)),
      letters_(database, entropy) {}

void Logs::set_epoch(std::uint64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  for (const auto name : {LogName::registry, LogName::message})
    of(name).rename(wire::origin_of(name, authority_, epoch), epoch);
}

void Logs::load(Now now) {
  for (auto* log : {&registry_, &message_}) {
    log->load();
    log->check_more(compared_at_start);
  }
  letters_.load(message_.store());
  not_before_ = now.steady;
}

void Logs::append(LogName name, const Digest& leaf, const LetterId& letter) {
  if (name == LogName::message) letters_.append(message_.size(), letter);
  of(name).append(leaf);
}

std::optional<Duration> Logs::due_steady() const {
  if (!signs_ || !(registry_.has_grown() || message_.has_grown())) return std::nullopt;
  return not_before_;
}

void Logs::sign() {
  for (auto* log : {&registry_, &message_})
    if (log->has_grown()) log->sign();
  letters_.keep();
}

void Logs::change_key(const crypto::Ed25519Key& key) {
  for (auto* log : {&registry_, &message_})
    log->change_key(key);
}

void Logs::committed(Now now) {
  registry_.committed();
  message_.committed();
  letters_.committed();
  not_before_ = now.steady + checkpoint_every;
}

namespace {

std::vector<wire::Beginning> beginnings(VerifiableLog& log,
                                        const std::vector<std::uint64_t>& sizes) {
  std::vector<wire::Beginning> out;
  for (const auto size : sizes)
    if (auto proof = log.prove_consistency(size)) out.push_back({size, std::move(*proof)});
  return out;
}

}  // namespace

std::optional<wire::Proofs> Logs::answer(const wire::Prove& asked) {
  const auto& newest = message_.newest();
  if (asked.epoch != epoch_ || !newest || !registry_.newest()) return std::nullopt;
  wire::Proofs out;
  out.registry_checkpoint = audit::encode(registry_.newest()->note);
  out.message_checkpoint = audit::encode(newest->note);
  out.from = asked.from;
  std::copy_if(asked.leaves.begin(), asked.leaves.end(), std::back_inserter(out.leaves),
               [&](auto leaf) { return leaf < newest->checkpoint.size; });
  if (asked.from > newest->checkpoint.size) {
    out.leaves.clear();  // to one that has followed further than there is no growth can be shown
  } else {
    auto growth = message_.prove_growth(asked.from, out.leaves);
    if (!growth) {
      log::error("the message log's tiles cannot be read for a proof",
                 {{"why", growth.error().text}});
      return std::nullopt;
    }
    out.growth = std::move(*growth);
  }
  out.older_message = beginnings(message_, asked.older_message);
  out.older_registry = beginnings(registry_, asked.older_registry);
  return out;
}

void Logs::check_more() {
  registry_.check_more(compared_at_once);
  message_.check_more(compared_at_once);
}

}  // namespace liaison::broker
