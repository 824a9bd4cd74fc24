#include "crypto/revocation.h"
#include "node/shell/engine_parts.h"

/// Lists of revocations. The newest that was shown counts at once; what one says that was shown to
/// be in the registry's log stands from then on, whatever list comes.
namespace liaison::node {
namespace {

constexpr const char* revocations_meta = "revocations";
/// Of the copy's lists those before this position are kept in `revoked`.
constexpr const char* lists_logged_meta = "lists_logged";

std::map<Bytes, Revoked> revoked_of(const crypto::RevocationList& list) {
  std::map<Bytes, Revoked> out;
  for (const auto& entry : list.entries())
    out.emplace(entry.serial,
                Revoked{entry.reason == crypto::RevocationReason::superseded, entry.holds_until()});
  return out;
}

}  // namespace

void Engine::Parts::load_revocations() {
  if (const auto kept = registry.meta(revocations_meta))
    if (const auto list = crypto::RevocationList::parse(*kept))
      peers.revoke(list->number(), revoked_of(*list));
  peers.revoke_for_good(registry.revoked());
  lists_unlogged =
      registry.positions_of(wire::EntryKind::revocation_list, registry.number(lists_logged_meta));
}

void Engine::Parts::take_revocations(const crypto::RevocationList& list,
                                     std::optional<std::uint64_t> position, Now now) {
  if (position) {
    lists_unlogged.insert(*position);
    logs.await_registry(*position + 1, now);
  }
  if (!peers.revoke(list.number(), revoked_of(list))) return;
  registry.set_meta(revocations_meta, list.der());
  held_back.reset();  // nobody waits for who was never asked and is shut out
}

bool Engine::Parts::revocations_logged(Now now) {
  const auto end = logs.are_followed() ? lists_unlogged.lower_bound(logs.registry_logged())
                                       : lists_unlogged.end();
  if (lists_unlogged.begin() == end) return false;
  write();
  bool any = false;
  // Each by itself: none that was shown to this node alone has a say in what another does.
  for (auto each = lists_unlogged.begin(); each != end; each = lists_unlogged.erase(each)) {
    registry.set_number(lists_logged_meta, *each + 1);
    const auto list = door.read_revocations(registry.body_of(*each));
    if (!list) continue;
    const auto more = peers.revoke_for_good(revoked_of(*list));
    registry.keep_revoked(more);
    any = any || !more.empty();
  }
  if (!any) return false;
  held_back.reset();
  if (replica.is_current()) end_answers_to_the_shut_out(now);
  return true;
}

void Engine::Parts::forget_lists_unlogged() {
  lists_unlogged.clear();
  registry.set_number(lists_logged_meta, 0);
}

/// They receipt nothing more, for which answers to them would wait.
void Engine::Parts::end_answers_to_the_shut_out(Now now) {
  for (const auto& node : peers.nodes())
    if (peers.is_revoked(node))
      for (const auto& job : outbox.take_answers(node))
        perform(outbox.cannot_go(job, wire::RefusalReason::recipient_revoked, now.wall), now);
}

}  // namespace liaison::node
