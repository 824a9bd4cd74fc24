#include "node/shell/followed_logs.h"

#include <algorithm>

#include "audit/hash.h"
#include "audit/proof.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "wire/limits.h"
#include "wire/log_entry.h"
#include "wire/registry_leaf.h"

namespace liaison::node {
namespace {

using wire::LogName;

constexpr std::uint32_t leaves_at_once = 1024;

wire::LogEntry acceptance_of(const wire::Letter& letter, Instant at) {
  wire::LogEntry entry;
  entry.kind = wire::LogKind::accepted;
  entry.at = at;
  entry.letter = letter.id;
  entry.sender = letter.sender;
  entry.recipient = letter.recipient;
  entry.size_bytes = static_cast<std::uint32_t>(letter.sealed.size());
  entry.digest = crypto::sha256(letter.sealed);
  entry.commitment = letter.commitment;
  return entry;
}

/// Whether it tells no more than was asked.
bool is_answer(const wire::Proofs& proofs, const wire::Prove& asked) {
  const auto were_asked = [](const std::vector<wire::Beginning>& told,
                             const std::vector<std::uint64_t>& sizes) {
    return std::all_of(told.begin(), told.end(), [&](const auto& each) {
      return std::count(sizes.begin(), sizes.end(), each.size) != 0;
    });
  };
  return proofs.from == asked.from &&
         std::all_of(proofs.leaves.begin(), proofs.leaves.end(),
                     [&](auto leaf) {
                       return std::binary_search(asked.leaves.begin(), asked.leaves.end(), leaf);
                     }) &&
         were_asked(proofs.older_message, asked.older_message) &&
         were_asked(proofs.older_registry, asked.older_registry);
}

std::string entries(std::uint64_t size) {
  return std::to_string(size) + (size == 1 ? " entry" : " entries");
}

}  // namespace

FollowedLogs::FollowedLogs(Sql& sql, RegistryStore& registry, const Fingerprint& authority,
                           std::vector<crypto::WitnessKey> keys)
    : store_(sql), registry_(registry), authority_(authority), keys_(std::move(keys)) {}

void FollowedLogs::begin(std::uint64_t epoch, Now now) {
  epoch_ = epoch;
  if (keys_.empty()) return;
  messages_ = {};
  registry_tree_ = {};
  newest_ = {};
  newest_note_ = {};
  seen_ = {};
  registry_short_since_.reset();
  watch_.begin(epoch);
  for (const auto& [leaf, letter] : store_.unproved(epoch))
    watch_.await(leaf, letter, now);
  for (const auto log : {LogName::registry, LogName::message}) {
    auto head = store_.head(log);
    if (!head || head->epoch != epoch) continue;
    auto kept = open(log, head->note);
    auto followed = audit::Follower::from(head->size, head->subtrees);
    auto tree = audit::Tree::from(head->size, std::move(head->subtrees));
    if (!kept || !followed || !tree || followed->root() != kept->checkpoint.root) continue;
    if (log == LogName::message) {
      messages_ = std::move(*followed);
    } else {
      registry_tree_ = std::move(*tree);
    }
    take(log, *kept, head->note);
  }
  // The registry's tree is made of this node's copy, and meets there what was cosigned of it.
  const auto last = witness_ ? witness_->last(LogName::message, epoch) : std::nullopt;
  if (last && messages_.size() < last->size) witness_->never_again(LogName::message, epoch, now);
}

void FollowedLogs::witness_by(const NodeId& self, const crypto::Ed25519Key& key) {
  witness_.emplace(store_, wire::witness_name_of(self, authority_), key);
}

void FollowedLogs::registry_begins_anew() {
  registry_tree_ = {};
  registry_short_since_.reset();
  // Or the next start would take the new copy for what was verified of this one.
  store_.drop_head(LogName::registry);
}

void FollowedLogs::connected(Now now) {
  registry_short_since_.reset();
  asked_.reset();
  if (!keys_.empty()) watch_.connected(now);
}

Result<FollowedLogs::Signed> FollowedLogs::open(LogName log, const std::string& note) const {
  const auto& known = newest_[static_cast<std::size_t>(log)];
  if (known && note == newest_note_[static_cast<std::size_t>(log)]) return *known;
  std::vector<audit::NoteKey> keys;
  for (const auto& key : keys_)
    keys.push_back({wire::origin_of(log, authority_, epoch_), audit::KeyKind::note, key});
  return audit::open_checkpoint(note, keys);
}

void FollowedLogs::take(LogName log, const Signed& signed_, const std::string& note) {
  of(log) = signed_;
  newest_note_[static_cast<std::size_t>(log)] = note;
}

void FollowedLogs::found(const char* kind, std::string text, const std::vector<std::string>& notes,
                         Now now) {
  std::string evidence;
  for (const auto& note : notes)
    evidence += (evidence.empty() ? "" : "\n") + note;
  LogStore::Finding finding{kind, std::move(text), std::move(evidence), now.wall};
  if (store_.keep_finding(finding)) log::error(finding.text, {{"kind", kind}});
}

bool FollowedLogs::wants(const LetterId& letter) {
  if (keys_.empty()) return false;
  const auto known = store_.place(letter);
  return !known || known->epoch != epoch_;
}

void FollowedLogs::accepted(const wire::Letter& letter, std::uint64_t leaf, Instant at, Now now) {
  if (keys_.empty()) return;
  LogStore::Place place{letter.id, epoch_, leaf, wire::encode(acceptance_of(letter, at)), now.wall};
  if (!store_.keep_place(place)) return;
  if (const auto* other = watch_.letter_at(leaf); other != nullptr && *other != letter.id) {
    found("log_unproved",
          "the exchange gives letters " + other->text() + " and " + letter.id.text() +
              " one place in its message log, where one of them must be missing: tell an auditor",
          {}, now);
    return;
  }
  watch_.await(leaf, letter.id, now);
}

std::optional<wire::Prove> FollowedLogs::ask(std::uint64_t registry_size, Now now) {
  if (keys_.empty()) return std::nullopt;
  auto out = watch_.ask(messages_.size(), std::min(registry_tree_.size(), registry_size), now);
  if (out) asked_ = *out;
  return out;
}

FollowedLogs::Registry FollowedLogs::came(const wire::Proofs& proofs, std::uint64_t registry_size,
                                          Now now) {
  // One answer to each question, and to nothing else: what the broker chose to tell might be chosen
  // to mislead, or to keep this node busy.
  if (!asked_ || !is_answer(proofs, *asked_)) return Registry::fine;
  asked_.reset();
  auto out = Registry::fine;
  bool showed = false;
  const auto unsigned_note = [&](LogName log, const std::string& note) {
    found("log_unsigned",
          std::string("the exchange gave out a checkpoint of its ") + wire::name_of(log) +
              " log that its key has not signed: ask its operator whether the key was changed",
          {note}, now);
  };
  if (const auto signed_ = open(LogName::message, proofs.message_checkpoint)) {
    showed = follow_messages(*signed_, proofs, now);
    if (signed_->checkpoint.size == messages_.size() &&
        signed_->checkpoint.root == messages_.root() &&
        compare(LogName::message, *signed_, proofs.older_message, now))
      showed = true;
  } else {
    unsigned_note(LogName::message, proofs.message_checkpoint);
  }
  if (const auto signed_ = open(LogName::registry, proofs.registry_checkpoint)) {
    out = follow_registry(*signed_, registry_size, now);
    if (signed_->checkpoint.size == registry_tree_.size() &&
        signed_->checkpoint.root == registry_tree_.root() &&
        compare(LogName::registry, *signed_, proofs.older_registry, now))
      showed = true;
  } else {
    unsigned_note(LogName::registry, proofs.registry_checkpoint);
  }
  watch_.answered(showed ? LogWatch::Showed::something : LogWatch::Showed::nothing, now);
  if (registry_short_since_) watch_.ask_soon(now);
  if (proofs.cosign && witness_) cosign(proofs, now);
  return out;
}

void FollowedLogs::cosign(const wire::Proofs& proofs, Now now) {
  const auto has_verified = [&](LogName log, const std::string& shown) {
    return of(log) && newest_note_[static_cast<std::size_t>(log)] == shown;
  };
  // The registry's copy may be on its way: then it is asked for again in a moment.
  if (!has_verified(LogName::registry, proofs.registry_checkpoint) ||
      !has_verified(LogName::message, proofs.message_checkpoint) || !watch_.may_cosign(now))
    return;
  wire::Cosigned out;
  out.epoch = epoch_;
  out.registry_size = of(LogName::registry)->checkpoint.size;
  out.message_size = of(LogName::message)->checkpoint.size;
  const auto line = [&](LogName log) {
    return witness_->cosign(log, epoch_, *of(log), now).value_or("");
  };
  out.registry = line(LogName::registry);
  out.message = line(LogName::message);
  if (out.registry.empty() && out.message.empty()) return;
  watch_.cosigned(now);
  cosigned_ = std::move(out);
}

void FollowedLogs::found_fork(LogName log, const std::string& who, const std::string& than,
                              const std::vector<std::string>& notes, Now now) {
  found("log_fork",
        "the exchange shows " + who + " another " + wire::name_of(log) + " log than " + than +
            ": keep this evidence, and tell an auditor",
        notes, now);
}

bool FollowedLogs::is_shorter(LogName log, const Signed& signed_, Now now) {
  const auto& before = of(log);
  if (!before || signed_.checkpoint.size >= before->checkpoint.size) return false;
  found("log_shorter",
        std::string("the exchange shows a ") + wire::name_of(log) + " log of " +
            entries(signed_.checkpoint.size) + " and has signed a longer one before: keep this " +
            "evidence, and tell an auditor",
        {newest_note_[static_cast<std::size_t>(log)], audit::encode(signed_.note)}, now);
  return true;
}

bool FollowedLogs::is_as_before(LogName log, const Signed& signed_, Now now) {
  const auto& before = of(log);
  if (!before || before->checkpoint.size != signed_.checkpoint.size ||
      before->checkpoint.root == signed_.checkpoint.root)
    return true;
  found_fork(log, "this node", "before",
             {newest_note_[static_cast<std::size_t>(log)], audit::encode(signed_.note)}, now);
  return false;
}

bool FollowedLogs::follow_messages(const Signed& signed_, const wire::Proofs& proofs, Now now) {
  const auto& checkpoint = signed_.checkpoint;
  const auto& before = of(LogName::message);
  if (is_shorter(LogName::message, signed_, now)) return false;
  if (!is_as_before(LogName::message, signed_, now)) return false;
  std::map<std::uint64_t, Digest> leaves;
  for (const auto leaf : proofs.leaves) {
    const auto* letter = watch_.letter_at(leaf);
    const auto place = letter == nullptr ? std::nullopt : store_.place(*letter);
    if (!place) return false;  // nobody asked for that
    leaves.emplace(leaf, audit::leaf_hash(place->entry));
  }
  auto shown = messages_.follow(checkpoint.size, checkpoint.root, leaves, proofs.growth);
  if (!shown) {
    cannot_follow(signed_, proofs, now);
    return false;
  }
  const auto note = audit::encode(signed_.note);
  for (const auto& [leaf, hashes] : *shown) {
    store_.keep_proof(*watch_.letter_at(leaf), checkpoint.size, hashes, note);
    watch_.shown(leaf);
  }
  if (const auto refuted = watch_.followed()) {
    found("log_unproved",
          "where the exchange says that it logged letter " + watch_.letter_at(*refuted)->text() +
              ", its message log has something else: keep this evidence, and tell an auditor",
          {note}, now);
    watch_.shown(*refuted);
  }
  if (!before || before->checkpoint.size != checkpoint.size)
    store_.keep_head(LogName::message, {epoch_, messages_.size(), messages_.subtrees(), note},
                     now.wall);
  take(LogName::message, signed_, note);
  return !shown->empty();
}

void FollowedLogs::cannot_follow(const Signed& signed_, const wire::Proofs& proofs, Now now) {
  // One leaf among many may be what does not fit: fewer are asked for, down to none.
  if (!proofs.leaves.empty()) return watch_.did_not_fit(proofs.leaves);
  std::vector<std::string> notes;
  if (const auto& before = of(LogName::message)) notes.push_back(audit::encode(before->note));
  notes.push_back(audit::encode(signed_.note));
  found("log_fork",
        "the message log that the exchange shows does not continue the one of " +
            entries(messages_.size()) +
            " that this node has followed: keep this evidence, and "
            "tell an auditor",
        notes, now);
}

FollowedLogs::Registry FollowedLogs::follow_registry(const Signed& signed_,
                                                     std::uint64_t registry_size, Now now) {
  const auto& checkpoint = signed_.checkpoint;
  if (checkpoint.size > registry_size) {
    if (!registry_short_since_) registry_short_since_ = now.steady;
    return Registry::fine;
  }
  registry_short_since_.reset();
  const auto& before = of(LogName::registry);
  if (!is_as_before(LogName::registry, signed_, now)) return Registry::fine;
  if (is_shorter(LogName::registry, signed_, now) || checkpoint.size < registry_tree_.size())
    return Registry::fine;
  auto tree = registry_tree_;
  const auto last = witness_ ? witness_->last(LogName::registry, epoch_) : std::nullopt;
  while (tree.size() < checkpoint.size) {
    const auto count = std::min<std::uint64_t>(leaves_at_once, checkpoint.size - tree.size());
    const auto leaves = registry_.leaves(tree.size(), count);
    if (leaves.empty()) return Registry::contradicted;
    for (const auto& leaf : leaves) {
      tree.append(audit::leaf_hash(wire::encode(leaf)));
      // Where it is followed anew: the copy before it may have been another.
      if (last && tree.size() == last->size && tree.root() != last->root) {
        witness_->never_again(LogName::registry, epoch_, now);
        found("registry_fork",
              "what the exchange tells this node of its registry does not begin with the " +
                  entries(last->size) + " that this node has cosigned: tell an auditor",
              {audit::encode(signed_.note)}, now);
      }
    }
  }
  const auto note = audit::encode(signed_.note);
  if (tree.root() != checkpoint.root) {
    found("registry_fork",
          "what the exchange told this node of its registry is not what it has signed, of " +
              entries(checkpoint.size) + ": keep this evidence, and tell an auditor",
          {note}, now);
    return Registry::contradicted;
  }
  if (!before || before->checkpoint.size != checkpoint.size || tree.size() != registry_tree_.size())
    store_.keep_head(LogName::registry, {epoch_, tree.size(), tree.subtrees(), note}, now.wall);
  registry_tree_ = std::move(tree);
  take(LogName::registry, signed_, note);
  return Registry::fine;
}

bool FollowedLogs::compare(LogName log, const Signed& with,
                           const std::vector<wire::Beginning>& shown, Now now) {
  bool any = false;
  for (const auto& each : shown) {
    const auto* other = watch_.other(log, each.size);
    if (other == nullptr) continue;
    any = true;
    if (!audit::check_consistency(each.size, other->root, with.checkpoint.size,
                                  with.checkpoint.root, each.consistency))
      found_fork(log, other->from.text(), "this node", {other->note, audit::encode(with.note)},
                 now);
    watch_.compared(log, each.size);
  }
  return any;
}

void FollowedLogs::said_by(const NodeId& sender, const wire::Content& content, Now now) {
  if (keys_.empty()) return;
  for (const auto log : {LogName::registry, LogName::message}) {
    const auto& octets =
        log == LogName::registry ? content.registry_checkpoint : content.message_checkpoint;
    const auto note = std::string(as_text(octets));
    const auto at = static_cast<std::size_t>(log);
    auto& seen = seen_[at];
    const auto& ours = of(log);
    if (note.empty() || note == seen || note == newest_note_[at]) continue;
    // One of before the exchange was restored, or after, cannot be compared; what the log's key
    // has not signed is the sender's own.
    const auto opened = open(log, note);
    if (!opened || opened->checkpoint.size == 0) continue;
    const auto& checkpoint = opened->checkpoint;
    const auto* other = watch_.other(log, checkpoint.size);
    if (ours && ours->checkpoint.size == checkpoint.size) {
      if (ours->checkpoint.root != checkpoint.root)
        found_fork(log, sender.text(), "this node", {newest_note_[at], note}, now);
      seen = note;
    } else if (other != nullptr) {
      if (other->root != checkpoint.root)
        found_fork(log, sender.text(), other->from.text(), {other->note, note}, now);
    } else if (watch_.compare(log, checkpoint.size, {sender, checkpoint.root, note, now.steady})) {
      seen = note;
      watch_.ask_soon(now);
    }
  }
}

Bytes FollowedLogs::newest(LogName log) const {
  return copy_of(as_bytes(newest_note_[static_cast<std::size_t>(log)]));
}

std::optional<Duration> FollowedLogs::next_steady() const {
  return keys_.empty() ? std::nullopt : watch_.next_steady();
}

LogsView FollowedLogs::view(Now now) {
  LogsView out;
  out.are_followed = !keys_.empty();
  out.registry_size = registry_tree_.size();
  out.message_size = messages_.size();
  out.letters_proved = store_.proved();
  out.letters_awaited = watch_.awaited();
  out.letters_overdue = watch_.unshown(now);
  out.can_cosign = witness_.has_value();
  return out;
}

std::vector<Alarm> FollowedLogs::alarms(Now now) {
  std::vector<Alarm> out;
  for (auto& each : store_.findings())
    out.push_back({std::move(each.kind), std::move(each.text)});
  if (const auto count = watch_.unshown(now); count > 0)
    out.push_back({"log_unproved",
                   std::to_string(count) +
                       " letters that the exchange says it accepted are not shown to be in its "
                       "message log: ask its operator"});
  for (const auto log : {LogName::registry, LogName::message})
    for (const auto& each : watch_.unseen(log, now))
      out.push_back({"log_frozen", std::string("this node is not shown the ") + wire::name_of(log) +
                                       " log that " + each.from.text() +
                                       " was shown: ask the exchange's operator"});
  if (registry_short_since_ && now.steady >= *registry_short_since_ + LogWatch::patience)
    out.push_back({"registry_withheld",
                   "the exchange has signed more of its registry than it tells this node: ask its "
                   "operator"});
  return out;
}

}  // namespace liaison::node
