#include "node/core/log_watch.h"

#include <algorithm>
#include <utility>

#include "wire/limits.h"

namespace liaison::node {
namespace {

/// Those that can be shown now.
std::vector<std::uint64_t> sizes_up_to(std::uint64_t size, const auto& others) {
  std::vector<std::uint64_t> out;
  for (auto at = others.begin(); at != others.end() && at->first <= size; ++at)
    if (out.size() < wire::older_per_prove_max) out.push_back(at->first);
  return out;
}

}  // namespace

LogWatch::LogWatch(Duration idle) : idle_(idle), at_once_max_(wire::leaves_per_prove_max) {}

void LogWatch::begin(std::uint64_t epoch) {
  epoch_ = epoch;
  at_once_max_ = wire::leaves_per_prove_max;
  suspect_.reset();
  awaited_.clear();
  asked_to_ = 0;
  registry_awaited_ = 0;
  for (auto& each : others_)
    each.clear();
}

void LogWatch::connected(Now now) {
  // A second welcome on one connection begins no new wait.
  if (!connected_) connected_ = now.steady;
  answer_by_.reset();
  ask_at_ = now.steady;
  pause_ = ask_again;
}

void LogWatch::disconnected(Now now) {
  connected_before_ = connected_for(now);
  connected_.reset();
}

Duration LogWatch::connected_for(Now now) const {
  return connected_before_ + (connected_ ? now.steady - *connected_ : Duration{});
}

void LogWatch::await_registry(std::uint64_t size, Now now) {
  if (registry_awaited_ == 0) registry_since_ = connected_for(now);
  registry_awaited_ = std::max(registry_awaited_, size);
  ask_soon(now);
}

void LogWatch::registry_shown(std::uint64_t size) {
  if (size >= registry_awaited_) registry_awaited_ = 0;
}

bool LogWatch::is_registry_late(Now now) const {
  return registry_awaited_ != 0 && has_waited(registry_since_, now);
}

void LogWatch::ask_soon(Now now) {
  pause_ = ask_again;
  ask_at_ = std::min(ask_at_, now.steady + ask_again);
}

void LogWatch::await(std::uint64_t leaf, const LetterId& letter, Now now) {
  awaited_.insert_or_assign(leaf, Awaited{letter, connected_for(now)});
  ask_soon(now);  // what is signed within a second shows it
}

const LetterId* LogWatch::letter_at(std::uint64_t leaf) const {
  const auto at = awaited_.find(leaf);
  return at == awaited_.end() ? nullptr : &at->second.letter;
}

void LogWatch::shown(std::uint64_t leaf) {
  awaited_.erase(leaf);
}

void LogWatch::did_not_fit(const std::vector<std::uint64_t>& leaves) {
  at_once_max_ = leaves.size() / 2;
  if (leaves.size() == 1) suspect_ = leaves.front();
}

std::optional<std::uint64_t> LogWatch::followed() {
  at_once_max_ = std::min(wire::leaves_per_prove_max, std::max<std::size_t>(1, 2 * at_once_max_));
  const auto out = std::exchange(suspect_, std::nullopt);
  return out && awaited_.count(*out) != 0 ? out : std::nullopt;
}

bool LogWatch::compare(wire::LogName log, std::uint64_t size, Other other, Now now) {
  auto& all = others(log);
  if (all.size() >= others_max) return false;
  return all.emplace(size, Compared{std::move(other), connected_for(now)}).second;
}

const LogWatch::Other* LogWatch::other(wire::LogName log, std::uint64_t size) const {
  const auto at = others(log).find(size);
  return at == others(log).end() ? nullptr : &at->second.other;
}

void LogWatch::compared(wire::LogName log, std::uint64_t size) {
  others(log).erase(size);
}

std::optional<wire::Prove> LogWatch::ask(std::uint64_t message_size, std::uint64_t registry_size,
                                         Now now) {
  if (!connected_ || now.steady < ask_at_ || (answer_by_ && now.steady < *answer_by_))
    return std::nullopt;
  wire::Prove out;
  out.epoch = epoch_;
  out.from = message_size;
  // In turn, so that what is never shown does not stand before the rest.
  auto at = awaited_.lower_bound(asked_to_);
  const auto count = std::min(awaited_.size(), at_once_max_);
  while (out.leaves.size() < count) {
    if (at == awaited_.end()) at = awaited_.begin();
    out.leaves.push_back(at++->first);
  }
  asked_to_ = out.leaves.empty() ? 0 : out.leaves.back() + 1;
  std::sort(out.leaves.begin(), out.leaves.end());
  out.older_message = sizes_up_to(message_size, others(wire::LogName::message));
  out.older_registry = sizes_up_to(registry_size, others(wire::LogName::registry));
  answer_by_ = now.steady + answer_awaited;
  ask_at_ = now.steady + ask_again;
  return out;
}

bool LogWatch::is_more() const {
  return registry_awaited_ != 0 || !awaited_.empty() || !others_.front().empty() ||
         !others_.back().empty();
}

void LogWatch::answered(Showed showed, Now now) {
  answer_by_.reset();
  if (showed == Showed::something) pause_ = ask_again;
  ask_at_ = now.steady + (!is_more() ? idle_ : showed == Showed::something ? Duration{} : pause_);
  if (is_more() && showed == Showed::nothing) pause_ = std::min(2 * pause_, ask_again_longest);
}

bool LogWatch::may_cosign(Now now) {
  if (!cosigned_ || now.steady >= *cosigned_ + cosign_every) return true;
  ask_at_ = std::min(ask_at_, *cosigned_ + cosign_every);
  return false;
}

std::optional<Duration> LogWatch::next_steady() const {
  if (!connected_) return std::nullopt;
  return answer_by_ ? std::max(*answer_by_, ask_at_) : ask_at_;
}

std::size_t LogWatch::unshown(Now now) const {
  return static_cast<std::size_t>(
      std::count_if(awaited_.begin(), awaited_.end(),
                    [&](const auto& each) { return has_waited(each.second.since, now); }));
}

std::vector<LogWatch::Other> LogWatch::unseen(wire::LogName log, Now now) const {
  std::vector<Other> out;
  for (const auto& [size, each] : others(log))
    if (has_waited(each.since, now)) out.push_back(each.other);
  return out;
}

}  // namespace liaison::node
