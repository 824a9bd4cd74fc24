#include "broker/shell/logs.h"

namespace liaison::broker {
namespace {

constexpr Duration checkpoint_every = std::chrono::seconds(1);
// 300,000 entries are hashed in about a second: a start does not wait longer for it.
constexpr std::uint32_t compared_at_start = 200'000;
constexpr std::uint32_t compared_at_once = 2'000;
constexpr std::size_t digits = 16;

VerifiableLog::Identity identity_of(LogName name, const Logs::Identity& from) {
  return {origin_of(name, from.authority, from.epoch), from.epoch, from.key, from.sign};
}

}  // namespace

std::string origin_of(LogName name, const Fingerprint& authority, std::uint64_t epoch) {
  return "liaison/" + authority.text().substr(0, digits) + '/' + name_of(name) + '/' +
         std::to_string(epoch);
}

Logs::Logs(store::Database& database, const Identity& identity)
    : authority_(identity.authority),
      epoch_(identity.epoch),
      signs_(identity.sign.has_value()),
      registry_(database, LogName::registry, identity_of(LogName::registry, identity)),
      message_(database, LogName::message, identity_of(LogName::message, identity)) {}

void Logs::set_epoch(std::uint64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  for (const auto name : {LogName::registry, LogName::message})
    of(name).rename(origin_of(name, authority_, epoch), epoch);
}

void Logs::load(Now now) {
  for (auto* log : {&registry_, &message_}) {
    log->load();
    log->check_more(compared_at_start);
  }
  not_before_ = now.steady;
}

std::optional<Duration> Logs::due_steady() const {
  if (!signs_ || !(registry_.has_grown() || message_.has_grown())) return std::nullopt;
  return not_before_;
}

void Logs::sign() {
  for (auto* log : {&registry_, &message_})
    if (log->has_grown()) log->sign();
}

void Logs::committed(Now now) {
  registry_.committed();
  message_.committed();
  not_before_ = now.steady + checkpoint_every;
}

void Logs::check_more() {
  registry_.check_more(compared_at_once);
  message_.check_more(compared_at_once);
}

}  // namespace liaison::broker
