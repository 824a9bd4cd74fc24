#include <algorithm>

#include "base/check.h"
#include "broker/core/core.h"

/// submit: letters to carry. Each is accepted (durable in its recipient's mailbox and in the log)
/// or refused with a reason.
namespace liaison::broker {

namespace {
// What one sender makes others keep is bounded by the day: each letter's id is remembered until it
// expires, and its place in the log for good.
constexpr auto letters_window = std::chrono::hours(24);
}  // namespace

void Core::on(LettersCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  const auto sender = session->node;
  std::vector<wire::Accepted> accepted;
  std::vector<wire::Refused> refused;
  accepted.reserve(event.letters.size());
  out_.writes.reserve(2 * event.letters.size());
  for (auto& each : event.letters) {
    const auto& letter = each.letter;
    std::optional<wire::RefusalReason> reason;
    if (letter.sender != registry_.node(sender).id) {
      reason = wire::RefusalReason::wrong_sender;
    } else if (auto first = accepted_.find(sender, letter.id, each.digest)) {
      if (first->bytes == AcceptedIds::Answer::Bytes::same) {
        ++counts_.repeated;
        accepted.push_back({letter.id, first->leaf, first->at});
        continue;
      }
      reason = wire::RefusalReason::id_reused;
    }
    NodeNumber recipient;
    if (!reason) reason = judge(sender, letter, recipient);
    if (!reason) {
      accepted.push_back(accept_letter(sender, recipient, std::move(each)));
      continue;
    }
    ++counts_.refused;
    deny(Denial::What::letter, sender, wire::name_of(*reason));
    log_refusal(sender, each, *reason);
    refused.push_back(refusal_of(letter.id, *reason));
  }
  if (!accepted.empty()) out_.sends.push_back(SendFrame{event.connection, std::move(accepted)});
  if (!refused.empty()) out_.sends.push_back(SendFrame{event.connection, std::move(refused)});
}

wire::Refused Core::refusal_of(const LetterId& letter, wire::RefusalReason reason) const {
  const auto meaning = wire::meaning_of(reason);
  const auto wait = reason == wire::RefusalReason::recovering
                        ? std::min(limits_.retry_after, recovering_retry)
                        : limits_.retry_after;
  return {letter, reason, meaning, meaning == wire::Meaning::retry ? wait : Duration{},
          wire::sentence_for(reason)};
}

std::optional<wire::RefusalReason> Core::judge(NodeNumber sender, const wire::Letter& letter,
                                               NodeNumber& recipient) {
  using Why = wire::RefusalReason;
  if (state_.recovering) return Why::recovering;
  // Nothing is put into a store that is damaged; the sender keeps it and tries again.
  if (store_ == StoreJudged::As::damaged) return Why::busy;
  if (letter.sealed.empty()) return Why::malformed;
  if (letter.sealed.size() > limits_.letter_bytes_max) return Why::too_large;
  const auto found = registry_.find(letter.recipient);
  if (!found) return Why::unknown_recipient;
  recipient = *found;
  const auto& from = registry_.node(sender);
  const auto& to = registry_.node(recipient);
  if (to.revoked()) return Why::recipient_revoked;
  if (!policy_.permits(from.id, from.current().facts.role, to.id, to.current().facts.role))
    return Why::not_permitted;
  if (auto why = judge_times(letter)) return why;
  if (auto why = judge_key(recipient, letter.sealing_key)) return why;
  if (auto why = judge_quota(sender, recipient, letter.sealed.size())) return why;
  auto& unanswered = states_[sender.value].unanswered;
  if (unanswered == 0) answered_.push_back(sender);
  if (++unanswered > limits_.letters_waiting_max) return Why::busy;
  if (accepted_.size() >= limits_.accepted_ids_max) return Why::busy;
  if (states_[sender.value].letters.within(letters_window, now_) >= limits_.letters_per_day_max)
    return Why::sender_quota;
  return std::nullopt;
}

std::optional<wire::RefusalReason> Core::judge_times(const wire::Letter& letter) const {
  // Of a clock that jumped nothing final is said: the letter may be tried again when it is known to
  // be right.
  if (letter.expires <= now_.wall)
    return is_resting() ? wire::RefusalReason::busy : wire::RefusalReason::expired;
  if (letter.expires > now_.wall + limits_.expiry_max + limits_.expiry_slack && !is_resting())
    return wire::RefusalReason::expiry_too_far;
  return std::nullopt;
}

std::optional<wire::RefusalReason> Core::judge_key(NodeNumber recipient,
                                                   const Fingerprint& key) const {
  const auto& sealing = registry_.node(recipient).sealing;
  const auto known = std::find_if(sealing.rbegin(), sealing.rend(), [&](const KnownSealing& each) {
    return each.fingerprint == key;
  });
  if (known == sealing.rend()) return wire::RefusalReason::key_unknown;
  if (known->voided) return wire::RefusalReason::key_replaced;
  if (is_resting()) return std::nullopt;
  const bool replaced = !is_within_grace(known->replaced_at, now_.wall, limits_.sealing_grace);
  if (replaced || known->not_after < now_.wall) return wire::RefusalReason::key_replaced;
  return std::nullopt;
}

std::optional<wire::RefusalReason> Core::judge_quota(NodeNumber sender, NodeNumber recipient,
                                                     std::size_t bytes) const {
  const auto own = quota_of(registry_.node(sender).id);
  const auto& sent = sent_[sender.value];
  // Reports that a sender leaves lying count as its own letters: they are of its making.
  if (sent.letters + mailboxes_[sender.value].reports() >= own.sender_letters_max ||
      sent.bytes + bytes > own.sender_bytes_max)
    return wire::RefusalReason::sender_quota;
  const auto theirs = quota_of(registry_.node(recipient).id);
  const auto& mailbox = mailboxes_[recipient.value];
  const auto& all = mailbox.letters();
  if (all.letters >= theirs.mailbox_letters_max || all.bytes + bytes > theirs.mailbox_bytes_max)
    return wire::RefusalReason::mailbox_full;
  // One sender may fill half a mailbox at most, so that the others still get through.
  const auto part = mailbox.from(sender);
  if (part.letters >= (theirs.mailbox_letters_max + 1) / 2 ||
      part.bytes + bytes > theirs.mailbox_bytes_max / 2)
    return wire::RefusalReason::mailbox_full;
  return std::nullopt;
}

wire::Accepted Core::accept_letter(NodeNumber sender, NodeNumber recipient,
                                   CheckedLetter&& checked) {
  auto& letter = checked.letter;
  // By a clock that may be wrong one may ask for more than any other gets (judge_times): it gets as
  // much, or it would be remembered for ever; no less because the clock was set back.
  letter.expires = std::min(letter.expires, std::max(now_.wall, without_jump()) +
                                                limits_.expiry_max + limits_.expiry_slack);
  Item item;
  item.sequence = ++last_sequence_;
  item.letter = letter.id;
  item.digest = checked.digest;
  item.commitment = letter.commitment;
  item.accepted_at = now_.wall;
  item.expires = letter.expires;
  item.sender = sender;
  item.size_bytes = static_cast<std::uint32_t>(letter.sealed.size());
  const auto leaf = next_leaf();
  accepted_.add(sender, letter.id, checked.digest, leaf, now_.wall, letter.expires);
  count_sent(sender, item.size_bytes);
  ++states_[sender.value].letters.within(letters_window, now_);
  if (!earliest_expiry_ || item.expires < *earliest_expiry_) earliest_expiry_ = item.expires;
  mailboxes_[recipient.value].add(item);
  queue_for_delivery(recipient);
  ++counts_.accepted;
  out_.writes.push_back(
      AppendLog{leaf, log_entry(recipient, item, wire::LogKind::accepted), letter.expires});
  const wire::Accepted answer{letter.id, leaf, now_.wall};
  out_.writes.push_back(
      KeepLetter{item.sequence, sender, recipient, now_.wall, std::move(checked)});
  return answer;
}

}  // namespace liaison::broker
