#include "base/deliberate_bug.h"
#include "broker/core/core.h"

/// How a letter leaves its mailbox: taken, set aside, expired, or returned because its recipient
/// was shut out. All but the first are reported to the sender, durably, through its own mailbox.
namespace liaison::broker {

wire::LogEntry Core::log_entry(NodeNumber recipient, const Item& item, wire::LogKind kind) const {
  wire::LogEntry entry;
  entry.kind = kind;
  entry.at = now_.wall;
  entry.letter = item.letter;
  entry.sender = registry_.node(item.sender).id;
  entry.recipient = registry_.node(recipient).id;
  entry.size_bytes = item.size_bytes;
  entry.digest = item.digest;
  entry.commitment = item.commitment;
  return entry;
}

void Core::leave(NodeNumber recipient, const Item& item, wire::LogKind kind,
                 std::optional<wire::RefusalReason> reason) {
  out_.writes.push_back(DropItem{item.sequence});
  if (item.kind == Item::Kind::report) return;
  auto& sent = sent_[item.sender.value];
  --sent.letters;
  sent.bytes -= item.size_bytes;
  auto entry = log_entry(recipient, item, kind);
  if (reason) entry.reason = *reason;
  out_.writes.push_back(AppendLog{next_leaf(), std::move(entry), {}});
  if (reason && !LIAISON_BUG(drop_report)) report(recipient, item, *reason);
}

void Core::report(NodeNumber recipient, const Item& item, wire::RefusalReason reason) {
  wire::Report report{item.letter, registry_.node(recipient).id, reason, wire::meaning_of(reason),
                      now_.wall};
  Item told;
  told.sequence = ++last_sequence_;
  told.letter = item.letter;
  told.accepted_at = now_.wall;
  told.sender = item.sender;
  told.kind = Item::Kind::report;
  mailboxes_[item.sender.value].add(told);
  queue_for_delivery(item.sender);
  out_.writes.push_back(KeepReport{told.sequence, item.sender, std::move(report)});
}

void Core::on(TakenCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  out_.writes.reserve(2 * event.taken.size());
  for (const auto& taken : event.taken) {
    // What is not there was taken before: a repeat after a connection that broke.
    auto item = mailboxes_[session->node.value].take(taken.sequence, taken.letter);
    if (!item) continue;
    ++counts_.taken;
    leave(session->node, *item, wire::LogKind::taken, std::nullopt);
  }
}

void Core::on(SetAsideCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  for (const auto& each : event.set_aside) {
    auto item = mailboxes_[session->node.value].take(each.sequence, each.letter);
    if (!item) continue;
    ++counts_.set_aside;
    const auto reason = each.reason == wire::RefusalReason::no_such_key
                            ? each.reason
                            : wire::RefusalReason::unopenable;
    leave(session->node, *item, wire::LogKind::set_aside, reason);
  }
}

void Core::expire_due() {
  if (is_resting() || !earliest_expiry_ || *earliest_expiry_ > now_.wall ||
      now_.steady < next_expiry_)
    return;
  next_expiry_ = now_.steady + limits_.expiry_every;
  earliest_expiry_.reset();
  for (std::uint32_t number = 0; number < mailboxes_.size(); ++number) {
    for (const auto& item : mailboxes_[number].expire(now_.wall)) {
      ++counts_.expired;
      leave(NodeNumber{number}, item, wire::LogKind::expired, wire::RefusalReason::expired);
    }
    const auto next = mailboxes_[number].earliest_expiry();
    if (next && (!earliest_expiry_ || *next < *earliest_expiry_)) earliest_expiry_ = next;
  }
}

}  // namespace liaison::broker
