#include "broker/core/core.h"

#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"

namespace liaison::broker {

Core::Core(Limits limits, const IdSecret& secret)
    : limits_(limits), default_quota_(limits.quota), accepted_(secret) {}

void Core::load_state(const KeepState& state) {
  state_ = state;
}
void Core::load_policy(const Policy& policy) {
  policy_ = policy;
}
void Core::load_quota(const KeepQuota& quota) {
  set_quota(quota.node, quota.quota);
}

void Core::load_entry(const CheckedEntry& entry, Instant at) {
  registry_.apply(entry, at);
  make_room();
}

void Core::load_incarnation(const NodeId& node, std::uint64_t incarnation) {
  auto number = registry_.find(node);
  LIAISON_CHECK(number.has_value());
  registry_.node(*number).incarnation = incarnation;
}

void Core::load_item(NodeNumber recipient, const Item& item) {
  if (item.kind == Item::Kind::letter) {
    count_sent(item.sender, item.size_bytes);
    if (!earliest_expiry_ || item.expires < *earliest_expiry_) earliest_expiry_ = item.expires;
  }
  mailboxes_[recipient.value].add(item);
}

void Core::load_accepted(NodeNumber sender, const LetterId& id, const Digest& digest, Leaf leaf,
                         Instant at, Instant expires) {
  accepted_.add(sender, id, digest, leaf, at, expires);
}

Decision Core::loaded(Sequence last_sequence, Leaf log_size, Now now) {
  last_sequence_ = last_sequence;
  log_size_ = log_size;
  now_ = now;
  epoch_at_start_ = state_.epoch;
  next_expiry_ = now.steady;
  next_prune_ = now.steady + prune_every;
  // How long the broker was away cannot be told from a jump of the clock: either way nothing
  // expires for a day.
  const auto away = now.wall - state_.seen;
  before_jump_ = (state_.rest > Duration{} ? state_.latest : state_.seen) - now.steady;
  if (state_.seen != Instant{} && (away > limits_.jump_min || away < -limits_.jump_min))
    state_.rest = limits_.jump_rest;
  // A rest that an earlier process began is not over because the process ended.
  if (state_.rest > Duration{}) resting_until_ = now.steady + state_.rest;
  if (state_.clock_set > Duration{}) clock_set_until_ = now.steady + state_.clock_set;
  if (state_.recovering) recovery_ends_ = now.steady + limits_.recovery_window;
  state_.latest = without_jump();
  state_.seen = now.wall;
  keep_state();
  return std::exchange(out_, {});
}

Decision Core::step(Now now, Event event) {
  look_at_clock(now);
  std::visit([this](auto& each) { on(each); }, event);
  return std::exchange(out_, {});
}

Decision Core::settle(Now now) {
  look_at_clock(now);
  end_recovery_if_due();
  expire_due();
  sum_up_refusals();
  forget_old_ids();
  answer_asking();
  push_entries();
  deliver();
  if (std::exchange(admitted_changed_, false)) out_.sends.push_back(AdmittedChanged{});
  return std::exchange(out_, {});
}

void Core::on(Woke&) {}  // settle() looks at what is due

void Core::on(StoreJudged& event) {
  store_ = event.as;
}

void Core::on(PolicySet& event) {
  policy_ = std::move(event.policy);
  out_.writes.push_back(KeepPolicy{policy_});
}

void Core::on(QuotaSet& event) {
  set_quota(event.node, event.quota);
  out_.writes.push_back(KeepQuota{event.node, event.quota});
}

void Core::set_quota(const std::optional<NodeId>& node, const std::optional<Quota>& quota) {
  if (!node)
    default_quota_ = quota.value_or(limits_.quota);
  else if (quota)
    quotas_[*node] = *quota;
  else
    quotas_.erase(*node);
}

Quota Core::quota_of(const NodeId& node) const {
  auto own = quotas_.find(node);
  return own == quotas_.end() ? default_quota_ : own->second;
}

void Core::make_room() {
  mailboxes_.resize(registry_.nodes());
  sent_.resize(registry_.nodes());
  states_.resize(registry_.nodes());
}

void Core::count_sent(NodeNumber sender, std::uint32_t bytes) {
  ++sent_[sender.value].letters;
  sent_[sender.value].bytes += bytes;
}

void Core::keep_state() {
  out_.writes.push_back(state_);
}

}  // namespace liaison::broker
