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
                           std::vector<crypto::WitnessKey> keys, Duration interval)
    : store_(sql),
      registry_(registry),
      authority_(authority),
      keys_(store_, authority, std::move(keys)),
      watch_(interval) {}

void FollowedLogs::await_registry(std::uint64_t size, Now now) {
  if (keys_.any() && size > registry_tree_.size()) watch_.await_registry(size, now);
}

void FollowedLogs::begin(std::uint64_t epoch, Now now) {
  epoch_ = epoch;
  if (!keys_.any()) return;
  keys_.begin(epoch, registry_.entries_of(wire::EntryKind::log_key));
  strange_.clear();
  messages_ = {};
  registry_tree_ = {};
  newest_ = {};
  newest_note_ = {};
  seen_ = {};
  registry_short_since_.reset();
  is_anew_ = false;
  watch_.begin(epoch);
  for (const auto& [leaf, letter] : store_.unproved(epoch))
    watch_.await(leaf, letter, now);
  for (const auto log : {LogName::registry, LogName::message}) {
    auto head = store_.head(log);
    if (!head || head->epoch != epoch) continue;
    auto kept = open(log, head->note, LogKeys::Said::elsewhere);
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
  // What others were shown, and this node not before the last process ended.
  for (auto& other : store_.others(epoch))
    if (const auto opened = open(other.log, other.note, LogKeys::Said::elsewhere))
      watch_.compare(other.log, opened->checkpoint.size,
                     {std::move(other.from), opened->checkpoint.root, std::move(other.note)}, now);
  // The registry's tree is made of this node's copy, and meets there what was cosigned of it.
  const auto last = witness_ ? witness_->last(LogName::message, epoch) : std::nullopt;
  if (last && messages_.size() < last->size) witness_->never_again(LogName::message, epoch, now);
}

void FollowedLogs::witness_by(const NodeId& self, const crypto::Ed25519Key& key) {
  witness_.emplace(store_, wire::witness_name_of(self, authority_), key);
}

void FollowedLogs::registry_begins_anew() {
  keys_.begin(epoch_, {});
  registry_tree_ = {};
  registry_short_since_.reset();
  is_anew_ = true;
  // Or the next start would take the new copy for what was verified of this one.
  store_.drop_head(LogName::registry);
}

void FollowedLogs::key_changed(const wire::RegistryEntry& change, Now now) {
  if (!keys_.any()) return;
  if (const auto added = keys_.add(change, now.wall); !added) {
    found("log_key_refused",
          "the exchange's registry says that its logs are signed by another key, and that cannot "
          "be believed (" +
              added.error().text + "): ask its operator whether the key was stolen",
          {}, now);
    return;
  }
  // What others said may be by that key.
  for (const auto& [who, note] : std::exchange(strange_, {}))
    said_by(who.first, who.second, note.note, now);
}

void FollowedLogs::connected(Now now) {
  asked_.reset();
  if (keys_.any()) watch_.connected(now);
}

Result<FollowedLogs::Signed> FollowedLogs::open(LogName log, const std::string& note,
                                                LogKeys::Said said) const {
  const auto& known = newest_[static_cast<std::size_t>(log)];
  if (known && note == newest_note_[static_cast<std::size_t>(log)] &&
      said == LogKeys::Said::elsewhere)
    return *known;
  return audit::open_checkpoint(note, keys_.of(wire::origin_of(log, authority_, epoch_), said));
}

bool FollowedLogs::waits_for_key(LogName log, const std::string& note) const {
  const auto parsed = audit::parse_note(note);
  const auto said = parsed ? audit::parse_checkpoint(parsed->text) : fail(parsed.error());
  if (!said || said->origin != wire::origin_of(log, authority_, epoch_)) return false;
  // A known key's signature that does not hold is no matter of what is to come.
  const auto known = keys_.of(said->origin, LogKeys::Said::elsewhere);
  return std::none_of(parsed->signatures.begin(), parsed->signatures.end(), [&](const auto& line) {
    return std::any_of(known.begin(), known.end(),
                       [&](const auto& key) { return key.is_of(line); });
  });
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
  LogStore::Finding finding{0, kind, std::move(text), std::move(evidence), now.wall};
  if (store_.keep_finding(finding)) log::error(finding.text, {{"kind", kind}});
}

bool FollowedLogs::wants(const LetterId& letter) {
  if (!keys_.any()) return false;
  const auto known = store_.place(letter);
  return !known || known->epoch != epoch_;
}

void FollowedLogs::accepted(const wire::Letter& letter, std::uint64_t leaf, Instant at, Now now) {
  if (!keys_.any()) return;
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

void FollowedLogs::not_placed(const LetterId& letter) {
  if (!keys_.any() || store_.place(letter)) return;
  registry_.set_number(not_placed_meta, registry_.number(not_placed_meta) + 1);
}

std::optional<wire::Prove> FollowedLogs::ask(std::uint64_t registry_size, Now now) {
  if (!keys_.any()) return std::nullopt;
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
  // Nothing of it is believed yet: whether it may be of a key that the registry has still to name.
  const auto size_said = [](const std::string& text) -> std::uint64_t {
    const auto note = audit::parse_note(text);
    const auto checkpoint = note ? audit::parse_checkpoint(note->text) : fail(note.error());
    return checkpoint ? checkpoint->size : 0;
  };
  const bool is_behind = size_said(proofs.registry_checkpoint) > registry_size;
  if (!is_behind) registry_short_since_.reset();
  const auto by = is_behind ? LogKeys::Said::exchange_of_ahead : LogKeys::Said::exchange;
  // The registry comes first: with what it was shown to say, the key of both is known, or is not.
  const auto unsigned_note = [&](LogName log, const std::string& note) {
    if (waits_for_key(log, note)) {
      if (is_behind) {
        if (!registry_short_since_) registry_short_since_ = watch_.connected_for(now);
        return;
      }
      // The copy may have another entry in the place of the one that names the key.
      if (log == LogName::registry && !is_anew_) out = Registry::contradicted;
      if (out == Registry::contradicted) return;
    }
    found("log_unsigned",
          std::string("the exchange gave out a checkpoint of its ") + wire::name_of(log) +
              " log that its key has not signed: ask its operator whether the key was changed",
          {note}, now);
  };
  if (const auto signed_ = open(LogName::registry, proofs.registry_checkpoint, by)) {
    const auto before = registry_tree_.size();
    out = follow_registry(*signed_, registry_size, now);
    if (registry_tree_.size() > before) showed = true;
    if (signed_->checkpoint.size == registry_tree_.size() &&
        signed_->checkpoint.root == registry_tree_.root() &&
        compare(LogName::registry, *signed_, proofs.older_registry, now))
      showed = true;
  } else {
    unsigned_note(LogName::registry, proofs.registry_checkpoint);
  }
  if (const auto signed_ = open(LogName::message, proofs.message_checkpoint, by)) {
    showed = follow_messages(*signed_, proofs, now) || showed;
    if (signed_->checkpoint.size == messages_.size() &&
        signed_->checkpoint.root == messages_.root() &&
        compare(LogName::message, *signed_, proofs.older_message, now))
      showed = true;
  } else {
    unsigned_note(LogName::message, proofs.message_checkpoint);
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
  // The registry's copy may be on its way: then it is asked for again in a moment. When it may not
  // cosign yet the watch asks again when it may, whatever was shown now.
  if (!watch_.may_cosign(now) || !has_verified(LogName::registry, proofs.registry_checkpoint) ||
      !has_verified(LogName::message, proofs.message_checkpoint))
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
    store_.keep_proof(*watch_.letter_at(leaf), epoch_, checkpoint.size, hashes, note);
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
    if (!registry_short_since_) registry_short_since_ = watch_.connected_for(now);
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
  is_anew_ = false;
  watch_.registry_shown(registry_tree_.size());
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
    store_.drop_other(log, each.size);
  }
  return any;
}

Bytes FollowedLogs::newest(LogName log) const {
  return copy_of(as_bytes(newest_note_[static_cast<std::size_t>(log)]));
}

std::optional<Duration> FollowedLogs::next_steady() const {
  return !keys_.any() ? std::nullopt : watch_.next_steady();
}

}  // namespace liaison::node
