#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "base/connection_id.h"
#include "base/entropy.h"
#include "base/time.h"
#include "broker/core/denial.h"
#include "broker/core/ids.h"
#include "broker/core/limits.h"
#include "certs/authority.h"
#include "certs/invitation.h"
#include "crypto/key.h"
#include "wire/join.h"
#include "wire/log_name.h"
#include "wire/registry.h"

namespace liaison::store {
class Database;
}

namespace liaison::broker {

class Cosignatures;
class Logs;

/// What invitations say of this broker, and its limits.
struct EngineConfig {
  std::string name = "exchange";
  std::vector<std::string> exchange_addresses{"tcp://127.0.0.1:7600"};
  std::vector<std::string> joining_addresses{"tcp://127.0.0.1:7601"};
  CurveKey curve;  ///< the broker's public key
  /// By which the logs' checkpoints are signed; none: nothing is signed (a command without keys).
  std::optional<crypto::Ed25519Key> log_key;
  Limits limits;
  std::size_t cache_bytes_max = std::size_t{64}
                                << 20;  ///< sealed bytes kept in memory until delivered
};

/// How it stands with a witness outside the exchange, for the operator.
struct WitnessStanding {
  std::string url;
  std::string name;
  std::optional<Instant> cosigned_at;    ///< last
  std::string trouble;                   ///< why it did not, since; empty: it did
  std::optional<Instant> failing_since;  ///< with a trouble
  bool is_overdue = false;               ///< for so long that it is an alarm
};

/// What a turn lets the loop do, all of it after the turn's commit. In order.
struct Turn {
  struct Outgoing {
    ConnectionId to;
    Bytes frame;
  };
  std::vector<Outgoing> sends;
  std::vector<ConnectionId> drops;  ///< to be shut down once `sends` went out
  bool admitted_changed = false;    ///< ask Engine::admitted() and give it to ZAP
};

struct InviteOrder {
  certs::Enrolment enrolment;
  Duration valid = std::chrono::hours(24 * 7);
  enum class Kind { join, rejoin } kind = Kind::join;
};

/// A whole broker but for its sockets: core, door, performer and store. The loop, the simulation
/// and the benchmark drive it. One thread. Whatever throws is the machine failing (store::Failure)
/// and ends the process: nothing was said that is not durable.
class Engine {
 public:
  /// Makes the tables of a fresh store: epoch, the authority's certificate as registry entry 0 and
  /// the first revocation list as entry 1.
  static void found(store::Database& database, const certs::Authority& authority, Now now);
  /// As found(), for an authority kept offline: its certificate and current list.
  static void found(store::Database& database, const crypto::Certificate& authority,
                    const crypto::RevocationList& list, Now now);
  /// Marks a store that was copied back from a backup: raises the epoch, starts a recovery.
  static void mark_restored(store::Database& database, Now now);

  /// Opens a founded store and rebuilds memory from it. Without authority, joining and renewal
  /// wait for the offline one (`pending`, `import`).
  Engine(EngineConfig config, std::unique_ptr<store::Database> database,
         std::optional<certs::Authority> authority, Entropy& entropy, Now now);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// One frame of an admitted peer. Decides; nothing is said before turn().
  void frame(ConnectionId connection, const CurveKey& peer, ByteView frame, Now now);
  /// A message that was no single frame: costs a strike.
  void misshapen(ConnectionId connection, const CurveKey& peer, Now now);
  void closed(ConnectionId connection, Now now);
  /// What the sockets refused before a frame came of it: `count` of one kind, for the operator.
  /// `why` is a constant.
  void denied_before(Denial::What what, const std::optional<CurveKey>& key, std::string_view why,
                     std::uint64_t count, Now now);

  /// For a daemon, each second or so: after an unclean end the whole store is checked beside normal
  /// use, until it was found sound. Damage is an alarm: it is logged and told by `status` and
  /// `alarms`, nothing more is accepted, and what can be read is still delivered.
  void watch_store(Now now);

  /// What a witness outside the exchange answered: its signature lines over a checkpoint of ours.
  /// Untrusted: none of them is a cosignature by that key. Kept with the next turn.
  Result<void> cosigned_outside(wire::LogName log, const audit::SignedCheckpoint& checkpoint,
                                std::string_view lines, const audit::NoteKey& witness);
  /// How it stands with them, which `status` and `alarms` tell.
  void tell_witnesses(std::vector<WitnessStanding> standings);

  /// One commit for everything since the last turn, then what may be said.
  Turn turn(Now now);
  /// When turn() is to be called though nothing came.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  /// The joining socket: `peer` is the connection's CURVE key. Commits before it returns (what else
  /// was decided goes with it and is said by the next turn()).
  wire::JoinAnswer join(const wire::JoinRequest& request, const CurveKey& peer, Now now);
  /// The same for the bytes of a request; the answer's bytes. Nothing for an unreadable request.
  std::optional<Bytes> join(ByteView request, const CurveKey& peer, Now now);

  /// One administrator's request, a JSON object with `command`; the answer is {"ok": ...} or
  /// {"error": "one line"}. broker/shell/admin.h lists the commands. Commits before it returns.
  std::string admin(std::string_view request, Now now);
  // The same without JSON, for the programs that embed an engine.
  Result<certs::Invitation> invite(const InviteOrder& order, std::string_view administrator,
                                   Now now);
  Result<void> revoke(const NodeId& node, std::string_view why, std::optional<Instant> as_of,
                      std::string_view administrator, Now now);

  /// The CURVE keys that may connect to the exchange, sorted.
  [[nodiscard]] std::vector<CurveKey> admitted(Now now) const;
  /// Tells every connection goodbye; the next turn() sends it.
  void stop(Now now);

  /// The logs are signed by another key from now on: one transaction has the change in the
  /// registry, the administrator's act, and a checkpoint of each log that both keys signed. What it
  /// returns is durable; `key` must be, before, and the former one can be destroyed after.
  /// Unavailable while the broker recovers, or without keys.
  Result<wire::LogKey> change_log_key(const crypto::Ed25519Key& key, std::string_view administrator,
                                      Now now);
  /// Those that signed before, oldest first.
  [[nodiscard]] std::vector<crypto::WitnessKey> former_log_keys() const;

  /// How far the message log can be archived now: whole tiles, below the newest checkpoint, of
  /// entries from before `before`, of which no letter waits and no repeat is to be answered.
  /// At most archived_at_once_max more than there are.
  [[nodiscard]] std::uint64_t archivable(Instant before) const;
  static constexpr std::uint64_t archived_at_once_max = 32 * 256;
  /// The entries before `to`, which archivable() allowed, lie in that directory, durable and
  /// verified: they leave the store. Commits.
  void drop_archived(std::uint64_t to, const std::string& archive);
  /// Logs that an administrator archived the entries before `to`.
  void note_archived(std::uint64_t to, std::string_view administrator, Now now);

  /// Whether this machine's clock lies within the authority's validity, before or after which no
  /// certificate can be judged; one line for the operator.
  [[nodiscard]] Result<void> check_clock(Now now) const;

  /// Counts for metrics, tests and the benchmark.
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t delivered = 0;
    std::uint64_t taken = 0;
    std::uint64_t set_aside = 0;
    std::uint64_t expired = 0;
    std::uint64_t returned = 0;
    std::uint64_t strikes = 0;
    std::uint64_t unknown_frames = 0;
    std::uint64_t commits = 0;
    std::uint64_t waiting_letters = 0;
    std::uint64_t waiting_bytes = 0;
    std::uint64_t sessions = 0;
    std::uint64_t nodes = 0;
    std::uint64_t registry_entries = 0;
    std::uint64_t log_entries = 0;
    std::uint64_t epoch = 0;
    bool recovering = false;
  };
  [[nodiscard]] Counts counts() const;
  /// Prometheus text.
  [[nodiscard]] std::string metrics() const;
  [[nodiscard]] store::Database& database() const;
  [[nodiscard]] Logs& logs() const;
  [[nodiscard]] Cosignatures& cosignatures() const;

  struct Parts;  ///< broker/shell/parts.h

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace liaison::broker
