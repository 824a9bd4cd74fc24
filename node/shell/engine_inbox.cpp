#include "base/deliberate_bug.h"
#include "base/log.h"
#include "node/shell/engine_parts.h"

/// What arrives: counted, opened, judged (core/inbox.h has the drawing).
namespace liaison::node {
namespace {
Result<void> no_such_aside() {
  return fail(Reason::not_found, "no letter of that id was set aside: see aside list");
}

bool asks_for_everything(const wire::Content& content) {
  const auto* ask = std::get_if<wire::Ask>(&content.matter);
  return ask != nullptr && std::holds_alternative<wire::Everything>(ask->wanted);
}
}  // namespace

void Engine::Parts::on(const std::vector<wire::Delivery>& deliveries, Now now) {
  write();
  for (const auto& delivery : deliveries) {
    if (!is_within_credit(delivery)) return;
    if (const auto* letter = std::get_if<wire::Letter>(&delivery.item)) {
      arrived(delivery, *letter, now);
    } else {
      arrived(delivery, std::get<wire::Report>(delivery.item), now);
    }
  }
}

/// What a broker sends beyond its credit would fill the memory. Nothing is lost: what was not taken
/// is delivered again on the next connection.
bool Engine::Parts::is_within_credit(const wire::Delivery& delivery) {
  const auto* letter = std::get_if<wire::Letter>(&delivery.item);
  if (link.delivered(letter == nullptr ? 0 : letter->sealed.size())) return true;
  if (!hang_up) log::warning("the broker sent more than it had credit for: hanging up");
  hang_up = true;
  return false;
}

void Engine::Parts::taken(std::uint64_t sequence, const LetterId& letter) {
  say_taken.push_back({sequence, letter});
}

void Engine::Parts::arrived(const wire::Delivery& delivery, const wire::Report& report, Now now) {
  perform(outbox.reported(report, now), now);
  take_back_receipts(report, now);
  taken(delivery.sequence, report.letter);
  link.dealt_with(0);
}

/// Receipts whose letter had been accepted and does not arrive after all. What carried them has no
/// row that a person looks at, so they go again whatever the reason.
void Engine::Parts::take_back_receipts(const wire::Report& report, Now now) {
  std::vector<wire::Receipt> back;
  NodeId to;
  for (auto& [node, receipt] : letters.receipts_back(report.letter)) {
    to = node;
    back.push_back(receipt);
  }
  if (back.empty()) return;
  if (wire::meaning_of(report.reason) == wire::Meaning::final_) {
    receipts.came_back(to, back, now);
    return;
  }
  for (const auto& receipt : back)
    receipts.owe(to, receipt, now);
  outbox.receipts_came_back(to, report.letter, now);
}

void Engine::Parts::arrived(const wire::Delivery& delivery, const wire::Letter& letter, Now now) {
  auto size = letter.sealed.size();
  if (inbox.has(letter.id)) {
    inbox.renumber({delivery.sequence, delivery.accepted_at, letter, delivery.leaf, logs.epoch()});
    link.dealt_with(size);
    return;
  }
  Arrived entry{delivery.sequence, delivery.accepted_at, letter, delivery.leaf, logs.epoch()};
  if (auto before = letters.received(letter.id)) {
    if (before->sender == letter.sender) {
      // Our `taken`, or our receipt, was lost: both again.
      owe(letter.id, before->sender, wire::Stage::stored, now);
      taken(delivery.sequence, letter.id);
    } else {
      set_aside(entry, wire::RefusalReason::unopenable, "its id is that of another sender's letter",
                false, now);
    }
    link.dealt_with(size);
    return;
  }
  if (const auto why = letters.aside_reason(letter.id)) {
    // The same as before: of a lost key its sender seals anew, of anything else it gives up.
    say_aside.push_back({delivery.sequence, letter.id, *why});
    link.dealt_with(size);
    return;
  }
  auto before = letters.attempts(letter.id);
  if (before >= Inbox::attempts_max) {
    set_aside(entry, wire::RefusalReason::unopenable, "opening it ended the program three times",
              true, now);
    link.dealt_with(size);
    return;
  }
  if (LIAISON_BUG(taken_before_commit)) taken(delivery.sequence, letter.id);
  if (before > 0 || inbox.suspects_one_of(letter.sender)) {
    inbox.suspect(std::move(entry));
  } else {
    letters.count_attempt(letter.id);
    inbox.arrived(std::move(entry));
  }
}

void Engine::starts_after(LastEnd end) {
  auto& p = *parts_;
  if (!p.letters.has_attempts_of_last_life()) return;
  p.write();
  p.letters.settle_attempts(end);
}

/// Held letters that are to be opened again are counted as any other opening.
void Engine::Parts::count_attempts(const std::vector<LetterId>& released) {
  if (released.empty()) return;
  write();
  for (const auto& letter : released)
    letters.count_attempt(letter);
}

void Engine::Parts::load_receipts(Now now) {
  for (const auto& [node, receipt] : letters.receipts_owed())
    receipts.owe(node, receipt, now);
}

/// What came while this node was away may be of one who was shut out meanwhile, as of before: the
/// exchange delivers it together with the entries that say so.
bool Engine::Parts::has_to_open() const {
  return replica.is_current() && inbox.has_to_open();
}

void Engine::Parts::open_some(Now now) {
  if (!replica.is_current()) return;
  for (auto& letter : inbox.to_open(config.opened_per_turn)) {
    auto verdict = door.judge(letter, self(), sealing, peers, now, clock.is_guarded(now));
    judged(std::move(letter), std::move(verdict), now);
  }
  if (auto suspect = inbox.next_suspect()) count_attempts({*suspect});
}

void Engine::Parts::judged(Arrived letter, JudgedLetter judged, Now now) {
  write();
  auto id = letter.letter.id;
  auto size = letter.letter.sealed.size();
  letters.forget_attempts(id);
  const auto since = inbox.held_since(id);
  // Its credit comes back, once, though it may be held: that must not keep the others from coming.
  if (!since) link.dealt_with(size);
  // A restored node takes an answer for all that was ever heard of it, and goes on from there.
  if (judged.judgement == Judgement::store && asks_for_everything(judged.content) &&
      inbox.has_earlier(letter)) {
    inbox.hold(std::move(letter), Need::time, now);
    changed = true;
    return;
  }
  if (judged.judgement == Judgement::store) {
    auto kept = keep(judged, now);
    if (kept) {
      bool is_receipts = std::holds_alternative<std::vector<wire::Receipt>>(judged.content.matter);
      letters.keep_received(id, judged.content.sender, now.wall);
      keep_to_disclose(letter.letter, judged, now);
      // One that was held since before the exchange was restored has no place in its log now.
      if (letter.leaf && letter.epoch == logs.epoch())
        logs.accepted(letter.letter, *letter.leaf, letter.accepted_at, now);
      logs.not_placed(id);
      logs.said_by(judged.content.sender, judged.content, now);
      take_key_alarms(judged.content, letter.accepted_at, now);
      if (!is_receipts) owe(id, judged.content.sender, wire::Stage::stored, now);
      taken(letter.sequence, id);
      changed = true;
      return;
    }
    judged.judgement = Judgement::set_aside;
    judged.why = kept.error().text;
    // Of a case that was disposed of, nothing is kept, not even sealed.
    judged.key_is_here = kept.error().reason != Reason::forbidden;
  }
  bool too_long = since && now.steady - *since >= Inbox::held_longest;
  if (judged.judgement == Judgement::hold && !too_long) {
    const auto accepted_at = letter.accepted_at;
    inbox.hold(std::move(letter), judged.need, now);
    take_key_alarms(judged.content, accepted_at, now);
    changed = true;
    return;
  }
  set_aside(letter, judged.reason, judged.why, judged.key_is_here, now);
}

void Engine::Parts::keep_to_disclose(const wire::Letter& letter, JudgedLetter& judged, Now now) {
  std::set<CaseId> about;
  for (const auto* events : {&judged.events, &judged.disbelieved})
    for (const auto& each : *events)
      if (cases.has(each.event().case_id)) about.insert(each.event().case_id);
  if (const auto* part = std::get_if<wire::Part>(&judged.content.matter))
    if (cases.has(part->case_id)) about.insert(part->case_id);
  const bool is_of_cases =
      std::holds_alternative<std::vector<wire::SignedEvent>>(judged.content.matter) ||
      std::holds_alternative<wire::Part>(judged.content.matter);
  // Of a case that is not here nothing is kept, not even sealed.
  if (is_of_cases && about.empty()) return;
  kept_letters.keep(letter, judged.content.matter, std::move(judged.content_key), about,
                    judged.content.sender, now.wall);
}

void Engine::Parts::set_aside(const Arrived& letter, wire::RefusalReason reason,
                              const std::string& why, bool keep_octets, Now now) {
  letters.keep_aside(letter, now.wall, reason, why, keep_octets);
  letters.forget_attempts(letter.letter.id);
  say_aside.push_back({letter.sequence, letter.letter.id, reason});
  log::warning("a letter was set aside", {{"letter", letter.letter.id.text()},
                                          {"from", letter.letter.sender.text()},
                                          {"reason", wire::name_of(reason)}});
  const auto gone =
      letters.bound_aside(letter.letter, config.aside_letters_max, config.aside_bytes_max);
  if (gone > 0)
    log::warning("more letters of one sender were set aside than are kept: the oldest went",
                 {{"from", letter.letter.sender.text()}, {"letters", std::to_string(gone)}});
  changed = true;
}

std::vector<AsideView> Engine::aside() {
  auto out = parts_->letters.aside();
  for (auto& each : out) {
    auto letter = parts_->letters.aside_letter(each.letter, parts_->self());
    each.can_retry = letter && parts_->sealing.count(letter->letter.sealing_key) != 0;
  }
  return out;
}

Result<void> Engine::retry_aside(const LetterId& id, Now now) {
  auto& p = *parts_;
  if (!p.letters.is_aside(id)) return no_such_aside();
  auto letter = p.letters.aside_letter(id, p.self());
  if (!letter || p.sealing.count(letter->letter.sealing_key) == 0)
    return fail(Reason::unavailable,
                "its octets or its key are not here any more: ask its sender to send it again");
  if (!p.replica.is_current())
    return fail(Reason::unavailable,
                "who is on the exchange may have changed meanwhile: try again once this node is "
                "connected");
  auto judged = p.door.judge(*letter, p.self(), p.sealing, p.peers, now, p.clock.is_guarded(now));
  if (judged.judgement == Judgement::set_aside) return fail(Reason::untrusted, judged.why);
  if (judged.judgement == Judgement::hold) return fail(Reason::unavailable, judged.why);
  if (asks_for_everything(judged.content))
    return fail(Reason::conflict,
                "it is what a restored node asked then, which asks again by itself: drop it");
  p.write();
  auto kept = p.keep(judged, now);
  if (!kept) return kept;
  p.letters.drop_aside(id);
  p.letters.keep_received(id, judged.content.sender, now.wall);
  p.keep_to_disclose(letter->letter, judged, now);
  if (letter->leaf && letter->epoch == p.logs.epoch())
    p.logs.accepted(letter->letter, *letter->leaf, letter->accepted_at, now);
  p.logs.not_placed(id);
  p.logs.said_by(judged.content.sender, judged.content, now);
  if (!std::holds_alternative<std::vector<wire::Receipt>>(judged.content.matter))
    p.owe(id, judged.content.sender, wire::Stage::stored, now);
  p.changed = true;
  return {};
}

Result<void> Engine::drop_aside(const LetterId& id) {
  auto& p = *parts_;
  if (!p.letters.is_aside(id)) return no_such_aside();
  p.write();
  p.letters.drop_aside(id);
  p.changed = true;
  log::info("a letter that was set aside was dropped by a person", {{"letter", id.text()}});
  return {};
}

std::uint64_t Engine::drop_all_aside() {
  auto& p = *parts_;
  p.write();
  const auto count = static_cast<std::uint64_t>(p.letters.drop_all_aside());
  p.changed = true;
  log::info("what was set aside was dropped by a person", {{"letters", std::to_string(count)}});
  return count;
}

}  // namespace liaison::node
