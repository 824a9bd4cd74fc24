#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/shell/log_store.h"
#include "crypto/key.h"
#include "store/database.h"
#include "store/statement.h"
#include "store/watch.h"

namespace liaison::broker {

/// What an invitation leaves at the broker: never its secret.
struct InvitationRow {
  NodeId node;
  Digest secret;  ///< SHA-256 of the secret
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  Instant expires;
  bool rejoin = false;
  std::optional<CurveKey> used_by;  ///< who joined by it; the same may ask again
};

/// A request that waits for an offline authority.
struct PendingRow {
  NodeId node;
  wire::IssueReason reason{};
  Bytes request;  ///< PKCS#10, DER
  Fingerprint previous;
  Bytes continuity;
  Instant at;
};

struct UserRow {
  std::string name;
  std::string password;  ///< argon2id, encoded
  bool disabled = false;
  Instant created_at;
};

/// What is known of the soundness of the whole file.
struct StoreCheck {
  store::Soundness soundness = store::Soundness::sound;
  Instant at;  ///< since when
};

/// The broker's store, laid out for arrival: letters by rising sequence, sealed bytes apart from
/// the narrow table that a start reads; the log and the registry beside them, in the same
/// transactions. docs/decisions/0004-sqlite-at-the-broker.md says why.
class Store {
 public:
  static const store::Schema& schema();
  static store::Options options(const std::string& path);
  explicit Store(store::Database& database);
  ~Store();

  [[nodiscard]] store::Database& database() { return database_; }

  /// Told the leaf hash of each entry of a log as it is written, in order, and of which letter it
  /// is; zero: of none.
  using Appended = std::function<void(LogName, const Digest& leaf, const LetterId& letter)>;
  void tell_of_entries(Appended appended) { appended_ = std::move(appended); }

  // Within a transaction of the caller's.
  void write(const std::vector<Write>& writes);
  /// The last before the commit: deletions and counts, once for all.
  void finish();
  void keep_invitation(const InvitationRow& row);
  void drop_invitation(const NodeId& node);
  void keep_pending(const PendingRow& row);
  void drop_pending(const NodeId& node);
  void keep_user(const UserRow& row);

  // The restart.
  struct Entry {
    wire::EntryKind kind{};
    Instant at;
    Bytes body;
  };
  [[nodiscard]] KeepState state();
  [[nodiscard]] std::optional<Policy> policy();
  std::vector<KeepQuota> quotas();
  std::vector<std::pair<NodeId, std::uint64_t>> incarnations();
  /// Gives the core what waits and what was accepted lately.
  void load_items(Core& core);
  void load_accepted(Core& core, Leaf from);
  [[nodiscard]] Sequence last_sequence();
  [[nodiscard]] Leaf log_size();

  // In between.
  [[nodiscard]] std::vector<Entry> entries(std::uint64_t first, std::uint32_t count);
  /// A letter or report that waits, whole; nothing if it has gone.
  [[nodiscard]] bool has_entry_of(wire::EntryKind kind);
  [[nodiscard]] std::optional<wire::Delivery> delivery(Sequence sequence, const Registry& registry);
  /// The first octets of a letter's sealed bytes, for an operator to see that they say nothing.
  [[nodiscard]] Bytes first_octets(Sequence sequence, std::size_t count);
  [[nodiscard]] std::optional<InvitationRow> invitation(const NodeId& node);
  [[nodiscard]] std::vector<PendingRow> pending();
  [[nodiscard]] std::vector<UserRow> users();
  /// Log entries from a leaf on, as they were written.
  [[nodiscard]] std::vector<Bytes> log(Leaf first, std::uint32_t count);

  /// The public key by which the logs' checkpoints are signed; none: a version before this one.
  [[nodiscard]] std::optional<crypto::WitnessKey> log_key();
  void keep_log_key(const crypto::WitnessKey& key);

  void mark_restored(Now now);
  /// What is known of the file's soundness; within a transaction of the caller's.
  void keep_check(const StoreCheck& check);
  [[nodiscard]] StoreCheck check();

 private:
  void operator()(const KeepLetter& write);
  void operator()(const KeepReport& write);
  void operator()(const DropItem& write);
  void operator()(const AppendLog& write);
  void operator()(const AppendRegistry& write);
  void operator()(const KeepNode& write);
  void operator()(const KeepPolicy& write);
  void operator()(const KeepQuota& write);
  void operator()(const KeepState& write);
  void drop_runs();
  void keep_setting(const char* name, std::int64_t value);
  [[nodiscard]] std::optional<std::int64_t> setting(const char* name);

  store::Database& database_;
  struct Statements;
  std::unique_ptr<Statements> sql_;
  Appended appended_;
  std::vector<Sequence> dropped_;  // of this transaction
  Sequence newest_ = 0;
};

}  // namespace liaison::broker
