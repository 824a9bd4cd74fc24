#include <charconv>

#include "node/shell/followed_logs.h"

/// What other nodes were shown, by the checkpoints in their letters; and epochs, which say whether
/// it can be compared with what this node was shown.
namespace liaison::node {

using wire::LogName;

void FollowedLogs::said_by(const NodeId& sender, const wire::Content& content, Now now) {
  if (!keys_.any()) return;
  for (const auto log : {LogName::registry, LogName::message}) {
    const auto& octets =
        log == LogName::registry ? content.registry_checkpoint : content.message_checkpoint;
    if (!octets.empty()) said_by(sender, log, std::string(as_text(octets)), now);
  }
}

void FollowedLogs::said_by(const NodeId& sender, LogName log, const std::string& note, Now now) {
  const auto at = static_cast<std::size_t>(log);
  auto& seen = seen_[at];
  const auto& ours = of(log);
  if (note == seen || note == newest_note_[at]) return;
  // One of before the exchange was restored, or after, cannot be compared; what the log's key
  // has not signed is the sender's own, or of a key that this node has still to hear of.
  const auto opened = open(log, note, LogKeys::Said::elsewhere);
  if (!opened && is_of_later_epoch(log, note)) return found_later_epoch(sender, now);
  if (!opened && waits_for_key(log, note) && strange_.size() < LogWatch::others_max)
    strange_.try_emplace({sender, log}, Strange{note, watch_.connected_for(now)});
  if (opened) strange_.erase({sender, log});
  if (!opened || opened->checkpoint.size == 0) return;
  const auto& checkpoint = opened->checkpoint;
  const auto* other = watch_.other(log, checkpoint.size);
  if (ours && ours->checkpoint.size == checkpoint.size) {
    if (ours->checkpoint.root != checkpoint.root)
      found_fork(log, sender.text(), "this node", {newest_note_[at], note}, now);
    seen = note;
  } else if (other != nullptr) {
    if (other->root != checkpoint.root)
      found_fork(log, sender.text(), other->from.text(), {other->note, note}, now);
  } else if (watch_.compare(log, checkpoint.size, {sender, checkpoint.root, note}, now)) {
    store_.keep_other(epoch_, {log, checkpoint.size, sender, note});
    seen = note;
    watch_.ask_soon(now);
  }
}

/// An exchange has one epoch at a time, and gives its letters to those whom it welcomed in it: who
/// was shown a later one than this node, and writes to it, was shown another exchange.
bool FollowedLogs::is_of_later_epoch(LogName log, const std::string& note) const {
  const auto parsed = audit::parse_note(note);
  const auto said = parsed ? audit::parse_checkpoint(parsed->text) : fail(parsed.error());
  if (!said) return false;
  const auto digits = said->origin.substr(said->origin.rfind('/') + 1);
  std::uint64_t epoch = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), epoch);
  return read.ec == std::errc() && epoch > epoch_ &&
         said->origin == wire::origin_of(log, authority_, epoch);
}

/// Without the note, which the sender could make up again and again.
void FollowedLogs::found_later_epoch(const NodeId& sender, Now now) {
  found("epoch_later",
        sender.text() +
            " follows logs of a later epoch of the exchange than this node: either the exchange "
            "shows its members different registries, or that node says what is not so; tell an "
            "auditor, who can compare `liaison-audit checkpoint` of both with the exchange's",
        {}, now);
}

void FollowedLogs::went_back(std::uint64_t from, std::uint64_t to, Now now) {
  found("epoch_back",
        "the exchange was in epoch " + std::to_string(from) + " and says that it is in " +
            std::to_string(to) +
            ": its clock was behind when it was restored, or it showed this node another registry "
            "than its other members; ask its operator, and tell an auditor",
        {}, now);
}

}  // namespace liaison::node
