#pragma once

#include <array>
#include <bit>
#include <map>
#include <memory>

#include "audit/key_changes.h"
#include "broker/core/core.h"
#include "broker/shell/cosignatures.h"
#include "broker/shell/denial_log.h"
#include "broker/shell/door.h"
#include "broker/shell/engine.h"
#include "broker/shell/logs.h"
#include "broker/shell/perform.h"
#include "broker/shell/store.h"

namespace liaison::broker {

/// What an engine is made of; shared by the files that implement it (engine.cpp, enrol.cpp,
/// admin.cpp).
struct Engine::Parts {
  Parts(EngineConfig config_, std::unique_ptr<store::Database> database_,
        std::optional<certs::Authority> authority_, crypto::Certificate certificate,
        Entropy& entropy_)
      : config(std::move(config_)),
        database(std::move(database_)),
        store(*database),
        core(config.limits, fresh_id_secret(entropy_)),
        door(std::move(certificate)),
        authority(std::move(authority_)),
        entropy(entropy_),
        perform(store, core.registry(), config.cache_bytes_max),
        store_watch(*database, store.check().soundness),
        logs(*database, logs_identity(), entropy_),
        key_changes(door.authority().fingerprint()),
        cosignatures(*database) {}

  void load(Now now);
  void load_log_key(const Store::Entry& entry);
  [[nodiscard]] Logs::Identity logs_identity();
  void step(Now now, Event event) { perform.add(core.step(now, std::move(event))); }
  /// Commits what was decided so far, with what is due.
  void commit(Now now);
  /// When the next checkpoint is, on the steady clock; none while recovering.
  [[nodiscard]] std::optional<Duration> checkpoint_due();
  /// An entry of our own making, or one that the door let in by another way than a session's
  /// frames.
  void enter(CheckedEntry entry, Now now, std::string_view why = {});
  /// Steps with an event that brings `entry`. If it stands then, the door learns it, whom a list
  /// shuts out, whoever brought it, has no invitation any more, and an authority that is online
  /// names what continues a revoked certificate.
  void take(const CheckedEntry& entry, Event event, Now now);
  /// Tells the operator of a refusal. `key`: of a connection whose node is not known.
  void deny(Denial::What what, std::optional<NodeNumber> node, std::string_view why, Now now,
            const std::string& key = {}, std::uint64_t count = 1);
  void act(std::string_view administrator, std::string_view what, std::string_view object,
           std::string_view detail, Now now);

  // log_key.cpp
  Result<wire::LogKey> change_log_key(const crypto::Ed25519Key& key, std::string_view administrator,
                                      Now now);

  /// What a node asked to be shown, within its share of the minute.
  std::optional<wire::Proofs> prove(const SendProofs& each);

  // witness.cpp
  /// A node's cosignatures: kept if they hold, and if it was asked.
  void cosigned(ConnectionId connection, const CurveKey& peer, const wire::Cosigned& came, Now now);
  /// By which key a node's cosignatures are verified now.
  [[nodiscard]] std::optional<audit::NoteKey> witness_key(NodeNumber node);

  // store_watch.cpp
  /// What a start finds of the last end.
  void load_store_check(Now now);
  /// Begins the check of the store if one is due, and hears what it found.
  void watch_store(Now now);
  void keep_store_check(Now now);
  [[nodiscard]] std::string store_alarm() const;

  // link.cpp
  void publication(ConnectionId connection, wire::Publication&& publication, Now now);
  /// Whether it was merged.
  Result<bool> merge_list(const CheckedEntry& entry, Now now);
  void name_continued(const CheckedEntry& entry, Now now);
  void renewal(ConnectionId connection, const wire::Renewal& renewal, Now now);
  RenewalAnswered renew(const Session& session, const wire::Renewal& renewal, Now now,
                        std::optional<CheckedEntry>& entry);

  // enrol.cpp
  wire::JoinAnswer join(const wire::JoinRequest& request, const CurveKey& peer, Now now);
  Result<CheckedEntry> issue(const crypto::CertificateRequest& request,
                             const certs::Enrolment& enrolment,
                             const wire::IssuedCertificate& particulars, Now now);
  Result<certs::Invitation> invite(const InviteOrder& order, std::string_view administrator,
                                   Now now);
  /// The list after `list`, with `more` revoked; the authority must be online. Too large if nobody
  /// could read it.
  Result<CheckedEntry> list_after(const crypto::RevocationList& list,
                                  const std::vector<crypto::RevocationEntry>& more, Now now);
  Result<void> revoke(const NodeId& node, std::string_view why, crypto::RevocationReason reason,
                      std::optional<Instant> as_of, std::string_view administrator, Now now);
  /// Drops what would let a node in again that was shut out: its invitation, and its request that
  /// waits for an offline authority.
  void drop_admission(const NodeId& node);
  /// A certificate that an offline authority issued for a pending request, or a list of its own.
  Result<void> import(wire::EntryKind kind, Bytes body, Now now);

  EngineConfig config;
  std::unique_ptr<store::Database> database;
  Store store;
  Core core;
  Door door;
  std::optional<certs::Authority> authority;
  Entropy& entropy;
  Perform perform;
  DenialLog denials;
  store::Watch store_watch;
  Logs logs;
  audit::KeyChanges key_changes;  ///< of the registry
  Cosignatures cosignatures;
  std::vector<WitnessStanding> outside;  ///< witnesses
  Now last_turn;
  Instant store_check_since;
  std::map<NodeNumber, Tally> renewals;  ///< a day's
  std::map<NodeNumber, Tally> proved;    ///< a minute's: tiles that were read for it
};

}  // namespace liaison::broker
