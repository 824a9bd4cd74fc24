#pragma once

#include <optional>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace liaison::node {

/// One of this node's own sealing keys.
///
///   fresh --(in the registry)--> current --(a newer one is)--> retired --(45 days, nothing
///   waits)--> destroyed
enum class KeyState : std::uint8_t { fresh = 0, current = 1, retired = 2 };

struct OwnSealingKey {
  Fingerprint fingerprint;
  Fingerprint signing;  ///< the signing certificate that issued its certificate
  KeyState state = KeyState::fresh;
  Instant not_before;
  Instant not_after;
  std::optional<Instant> retired_at;         ///< by this node's clock, moved as it jumps
  std::optional<Instant> retired_broker_at;  ///< by the broker's
  friend bool operator==(const OwnSealingKey&, const OwnSealingKey&) = default;
};

/// What there is to decide about.
struct KeyringFacts {
  Fingerprint signing;  ///< our signing certificate in use
  Instant signing_not_before;
  Instant signing_not_after;
  bool renewal_pending = false;  ///< a request is under way (its key is kept)
  std::vector<OwnSealingKey> sealing;
  /// The last of our certificates in the registry is of a key that is not here, so letters will be
  /// sealed to it; and none of ours that is not retired is on its way there.
  bool lost_key_is_last = false;
  std::vector<Fingerprint> needed;  ///< set-aside letters that only these keys open
  bool guarded = false;             ///< the clock jumped
  bool clock_set = false;           ///< it jumped while the program ran
  std::optional<Instant> broker_time;
  bool anything_waits = false;  ///< letters here not judged yet
};

struct KeyringDecision {
  bool make_sealing = false;   ///< a new sealing key is to be made and published
  bool renew_signing = false;  ///< ask for a new signing certificate
  std::vector<Fingerprint> destroy;
  friend bool operator==(const KeyringDecision&, const KeyringDecision&) = default;
};

/// Sealing certificates hold for 30 days and are replaced in the last 10 of them, or with the
/// signing certificate; a signing certificate is renewed at two thirds of its life.
inline constexpr Duration sealing_replaced_before = std::chrono::hours(24 * 10);
/// Mail waits up to 30 days; a fortnight more for a broker or node that was away.
inline constexpr Duration sealing_kept_retired = std::chrono::hours(24 * 45);

KeyringDecision decide_keys(const KeyringFacts& facts, Instant now);

}  // namespace liaison::node
