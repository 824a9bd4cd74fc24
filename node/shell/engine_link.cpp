#include "base/log.h"
#include "node/shell/engine_parts.h"

/// Frames from the broker, and the beginning and end of connections.
namespace liaison::node {
namespace {

template <class... Cases>
struct Visit : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Visit(Cases...) -> Visit<Cases...>;

/// Who has no receipt for longer has sealed the letter anew (Outbox::overdue).
constexpr Duration receipt_awaited_longest = std::chrono::hours(24 * 31);
constexpr Duration contradicted_again_after = std::chrono::hours(1);

}  // namespace

HelloFacts Engine::Parts::hello_facts() const {
  HelloFacts facts;
  facts.node = self();
  facts.incarnation = incarnation;
  facts.epoch = replica.epoch();
  facts.registry_size = replica.size();
  facts.software = config.software;
  return facts;
}

void Engine::Parts::connected(Now now) {
  // What was to be said on the former connection is not for this one; all of it comes up again.
  disconnected(now);
  say.emplace_back(link.connected(hello_facts(), now.wall));
  answered_by = now.steady + welcome_patience;
  changed = true;
}

void Engine::Parts::disconnected(Now now) {
  link.disconnected();
  outbox.disconnected();
  if (auto counted = inbox.disconnected(); !counted.empty()) {
    write();
    for (const auto& letter : counted)
      letters.uncount_attempt(letter);
  }
  replica.disconnected();
  logs.disconnected(now);
  unreadable_here = 0;
  say.clear();
  say_last.clear();
  say_taken.clear();
  say_aside.clear();
  say_publish.clear();
  former_at = {};
  renewal_asked = false;
  renewal_again_at.reset();
  changed = true;
}

void Engine::Parts::frame(ByteView bytes, Now now) {
  auto decoded = wire::decode_frame(bytes);
  if (!decoded) {
    if (decoded.error().reason == Reason::unsupported) {
      ++frames_unknown;
      return;
    }
    ++frames_unreadable;
    if (unreadable_here++ == 0)
      log::warning("a frame from the broker could not be read",
                   {{"reason", name_of(decoded.error().reason)}});
    // What they held comes again on another connection.
    if (unreadable_here >= unreadable_max) hang_up = true;
    return;
  }
  std::visit(Visit{
                 [&](const wire::Welcome& welcome) { on(welcome, now); },
                 [&](const wire::Goodbye& goodbye) { on(goodbye, now); },
                 [&](const std::vector<wire::Accepted>& list) { on(list, now); },
                 [&](const std::vector<wire::Refused>& list) {
                   for (const auto& each : list)
                     perform(outbox.refused(as_it_concerns_us(each, now), now), now);
                 },
                 [&](const std::vector<wire::Delivery>& list) { on(list, now); },
                 [&](const wire::Entries& entries) { on(entries, now); },
                 [&](const std::vector<wire::Published>& list) { on(list, now); },
                 [&](const wire::Renewed& renewed) { on(renewed, now); },
                 [&](const wire::UnknownFrame&) { ++frames_unknown; },
                 // A node's own frames, back from a broker: nothing of ours rests on them.
                 [&](const wire::Hello&) { ++frames_unknown; },
                 [&](const std::vector<wire::Letter>&) { ++frames_unknown; },
                 [&](const wire::Credit&) { ++frames_unknown; },
                 [&](const std::vector<wire::Taken>&) { ++frames_unknown; },
                 [&](const std::vector<wire::SetAside>&) { ++frames_unknown; },
                 [&](const std::vector<wire::Publication>&) { ++frames_unknown; },
                 [&](const wire::Since&) { ++frames_unknown; },
                 [&](const wire::Renewal&) { ++frames_unknown; },
                 [&](const wire::Prove&) { ++frames_unknown; },
                 [&](const wire::Cosigned&) { ++frames_unknown; },
                 [&](const wire::Proofs& proofs) { on(proofs, now); },
             },
             *decoded);
}

/// What a refusal means to one who knows more than a restored broker, or has slept for long.
wire::Refused Engine::Parts::as_it_concerns_us(const wire::Refused& refused, Now now) {
  using Why = wire::RefusalReason;
  auto out = refused;
  const bool concerns = refused.reason == Why::expired ||
                        refused.reason == Why::unknown_recipient ||
                        refused.reason == Why::key_unknown;
  if (!concerns || !refused.letter) return out;
  const auto letter = letters.envelope(*refused.letter, self());
  if (!letter) return out;
  // It lay here while its time passed, and was never with the exchange.
  if (refused.reason == Why::expired && letter->expires <= now.wall) out.reason = Why::key_replaced;
  // It joined after the backup: we publish its certificate as soon as the registry has come.
  if (refused.reason == Why::unknown_recipient && peers.knows(letter->recipient) &&
      !peers.is_revoked(letter->recipient))
    out.reason = Why::key_unknown;
  // A key may be on its way there, or lost for good when its owner has replaced it since.
  if (refused.reason != Why::key_unknown) return out;
  const auto present = peers.sealing_for(letter->recipient, now.wall);
  if (present && *present != letter->sealing_key) out.reason = Why::key_replaced;
  return out;
}

void Engine::Parts::on(const wire::Welcome& welcome, Now now) {
  auto decision = link.welcomed(welcome, hello_facts());
  if (!decision.usable) return;
  write();
  key_refused = false;
  if (!shut_out.empty()) {
    shut_out.clear();
    registry.clear_meta(shut_out_meta);
  }
  clock.observe_broker(welcome.clock, now);
  outbox.set_window(welcome.letters_waiting_max);
  if (!welcome.recovering) outbox.resume();
  // A new incarnation of a node that had one before: it lost its disk, or was restored from one
  // that had none yet. What it had, others may have.
  bool lost_its_past = incarnation == 0 && welcome.incarnation > 1 && !catch_up.is_active();
  if (decision.incarnation_changed) {
    incarnation = welcome.incarnation;
    registry.set_number("incarnation", incarnation);
    if (catch_up.is_active()) settle_all(now);
  }
  if (lost_its_past) begin_catch_up(now);
  if (decision.epoch_changed) {
    log::info("the exchange was restored: sending again what has no receipt",
              {{"epoch", std::to_string(welcome.epoch)}});
    perform(outbox.epoch_changed(now), now);
    letters.owe_again_since(now.wall - receipt_awaited_longest);
    load_receipts(now);
  }
  forget_refused_renewal();  // as a broker does that is catching up, which says welcome again
  adopt(welcome.certificate, now);
  const auto epoch_before = registry.number("epoch");
  if (welcome.epoch < epoch_before) epoch_went_back(epoch_before, welcome.epoch, now);
  auto registered = replica.welcomed(welcome.epoch, welcome.registry_size);
  registry.set_number("epoch", welcome.epoch);
  if (logs.epoch() != welcome.epoch) logs.begin(welcome.epoch, now);
  // While it recovers it signs nothing.
  if (!welcome.recovering) logs.connected(now);
  if (registered.start_anew) begin_registry_anew(now);
  // A recovering broker takes `since` for "that was all I know": everything it may lack comes
  // before, on each connection, since the one before may have been cut.
  if (welcome.recovering) say_former(registry.former(), now);
  say_publications();
  // Asked even when nothing is missing: from then on the broker sends new entries as they come.
  say_last.emplace_back(wire::Since{replica.size()});
  if (registered.complete) registry_complete(now);
  keys_due = true;
  changed = true;
}

void Engine::Parts::on(const std::vector<wire::Accepted>& accepted, Now now) {
  write();
  for (const auto& each : accepted) {
    if (logs.wants(each.letter))
      if (const auto letter = letters.envelope(each.letter, self()))
        logs.accepted(*letter, each.leaf, each.at, now);
    perform(outbox.accepted(each), now);
  }
}

void Engine::Parts::on(const wire::Proofs& proofs, Now now) {
  write();
  const auto came = logs.came(proofs, replica.size(), now);
  logged(now);
  if (auto cosigned = logs.take_cosigned()) say_last.emplace_back(std::move(*cosigned));
  if (came == FollowedLogs::Registry::fine || now.steady < contradicted_at) return;
  contradicted_at = now.steady + contradicted_again_after;
  log::warning("the exchange's registry is not what it signed; all is asked for anew");
  replica.forget();
  begin_registry_anew(now);
  hang_up = true;
}

void Engine::Parts::on(const wire::Goodbye& goodbye, Now now) {
  log::warning("the broker said goodbye", {{"reason", wire::name_of(goodbye.reason)}});
  if (link.said_goodbye(goodbye)) hang_up = true;
  if (link.state() == LinkState::revoked) {
    // After a restart nobody says it again: the exchange does not know the key any more.
    write();
    shut_out = link.text();
    registry.set_meta(shut_out_meta, as_bytes(shut_out));
  }
  if (link.state() == LinkState::renew_only) {
    // Refused (a broker that is catching up) or left to an offline authority, it is asked again.
    answered_by = now.steady + renewal_patience;
    keys_due = true;
    tend_keys(now);
  }
  changed = true;
}

}  // namespace liaison::node
