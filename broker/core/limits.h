#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "wire/limits.h"

namespace liaison::broker {

/// How much may wait. Letters and octets of sealed bytes.
struct Quota {
  std::uint64_t mailbox_letters_max = 100'000;               ///< for one recipient
  std::uint64_t mailbox_bytes_max = std::uint64_t{4} << 30;  ///< for one recipient
  std::uint64_t sender_letters_max = 100'000;                ///< from one sender, in all mailboxes
  std::uint64_t sender_bytes_max = std::uint64_t{4} << 30;   ///< from one sender, in all mailboxes
  friend bool operator==(const Quota&, const Quota&) = default;
};

/// Bounds of everything that grows, and the times by which things end. Each is a setting of
/// liaison.toml or a fixed part of the protocol.
struct Limits {
  Quota quota;  ///< where a node has none of its own
  std::uint32_t letter_bytes_max = wire::letter_bytes_max;
  std::uint32_t letters_waiting_max = 8192;      ///< unanswered letters of one node
  std::uint64_t accepted_ids_max = 100'000'000;  ///< ids remembered to answer repeats alike
  std::uint32_t nodes_max = 50'000;
  std::uint32_t registry_entries_max = 20'000'000;
  /// Of one node, those refused among them; what stands already is answered before it is looked at.
  std::uint32_t publications_per_minute_max = 1'200;
  // Of one node; a hello starts the deliveries anew, and one who copies a whole registry asks
  // often.
  std::uint32_t hellos_per_minute_max = 60;
  std::uint32_t sinces_per_minute_max = 4'800;
  std::uint32_t proves_per_minute_max = 6'000;
  /// Tiles of the logs that are read and hashed for one node's proofs, 40 us each: entries that lie
  /// together, and those of the last seconds, cost none.
  std::uint64_t tiles_per_minute_max = 30'000;
  // Of one node's own making: what one gone bad adds to the registry that all keep.
  std::uint64_t listings_per_day_max = 5'000;
  std::uint64_t listing_bytes_per_day_max = std::uint64_t{32} << 20;  ///< in all of them
  std::uint64_t sealings_per_day_max = 100;
  std::uint64_t letters_per_day_max = 250'000;  ///< accepted of one node
  int strikes_max = 10;                         ///< unreadable frames; one is forgiven a minute
  Duration expiry_max = std::chrono::hours(24 * 30);
  Duration expiry_slack = std::chrono::hours(1);     ///< a sender's clock may be that far ahead
  Duration expiry_every = std::chrono::seconds(10);  ///< how often mailboxes are looked through
  Duration sealing_grace =
      std::chrono::hours(24);  ///< how long a replaced sealing certificate is taken
  Duration curve_grace =
      std::chrono::hours(24);  ///< how long a replaced CURVE key may still connect
  Duration jump_min =
      std::chrono::hours(1);  ///< a difference of wall and steady clock that is a jump
  Duration jump_rest = std::chrono::hours(24);  ///< no expiry so long after a jump
  Duration recovery_window = std::chrono::minutes(10);
  Duration retry_after = std::chrono::seconds(30);  ///< said with refusals that mean retry
  std::uint32_t refusals_logged_per_minute = 10;
};

}  // namespace liaison::broker
