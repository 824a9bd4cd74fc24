#include "node/core/keyring.h"

#include <algorithm>

namespace liaison::node {

KeyringDecision decide_keys(const KeyringFacts& facts, Instant now) {
  KeyringDecision out;
  // The newest that is published or about to be. One whose time has not begun by our clock was
  // made while the clock was wrong, and nobody will seal to it: another takes its place, once.
  const OwnSealingKey* newest = nullptr;
  for (const auto& key : facts.sealing)
    if (key.state != KeyState::retired && key.not_before <= now &&
        (newest == nullptr || key.not_before >= newest->not_before))
      newest = &key;
  // One that begins weeks from now was issued under a clock that was ahead. It is ours all the
  // same, its letters are taken (judge.cpp), and without a sealing key nobody could write to us.
  const bool signing_holds = now <= facts.signing_not_after;
  out.make_sealing = newest == nullptr || newest->signing != facts.signing ||
                     newest->not_after - now < sealing_replaced_before || facts.lost_key_is_last;
  out.make_sealing = out.make_sealing && signing_holds;
  auto life = facts.signing_not_after - facts.signing_not_before;
  // Under a clock that jumped the exchange may issue what begins weeks from now; a day is left.
  out.renew_signing =
      !facts.renewal_pending && !facts.clock_set && now >= facts.signing_not_before + life * 2 / 3;
  if (facts.guarded || facts.anything_waits || !facts.broker_time) return out;
  for (const auto& key : facts.sealing) {
    if (key.state != KeyState::retired || !key.retired_at || !key.retired_broker_at) continue;
    bool over = now >= *key.retired_at + sealing_kept_retired &&
                *facts.broker_time >= *key.retired_broker_at + sealing_kept_retired;
    bool needed =
        std::find(facts.needed.begin(), facts.needed.end(), key.fingerprint) != facts.needed.end();
    if (over && !needed) out.destroy.push_back(key.fingerprint);
  }
  return out;
}

}  // namespace liaison::node
