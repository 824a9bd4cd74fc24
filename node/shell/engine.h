#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/disclosure.h"
#include "base/entropy.h"
#include "base/secret.h"
#include "base/time.h"
#include "casework/actor.h"
#include "casework/case_view.h"
#include "casework/directory.h"
#include "crypto/key_vault.h"
#include "node/core/inbox.h"
#include "node/shell/installation.h"
#include "node/shell/views.h"
#include "store/database.h"
#include "wire/case_summary.h"
#include "wire/event.h"

namespace liaison::node {

struct EngineConfig {
  std::string software = "liaison 0.1.0";  ///< at most 64 octets, for people
  std::uint32_t credit_letters = 512;      ///< letters in hand and not yet judged
  std::uint64_t credit_bytes = 32u << 20;
  std::uint32_t opened_per_turn = 64;  ///< bounds a turn's length (0.2 ms a letter)
  std::uint32_t sealed_per_turn = 64;
  /// Held in memory, of one sender an eighth; more stay at the broker.
  std::uint32_t held_letters_max = 1024;
  std::uint64_t held_bytes_max = 64u << 20;
  /// Of one sender's letters that were set aside, so that nobody can fill the disk with what cannot
  /// be opened: beyond them the oldest goes, or the oldest's octets.
  std::uint32_t aside_letters_max = 1000;
  std::uint64_t aside_bytes_max = 64u << 20;
  std::uint32_t cases_cached_max = 512;  ///< folded cases kept in memory
  /// Of their events, as they are kept; the last one opened may be larger.
  std::size_t cached_octets_max = 128u << 20;
  Duration letter_life = std::chrono::hours(24 * 30);
  Duration receipts_delay = std::chrono::milliseconds(200);  ///< receipts gather this long
  /// How the exchange's logs stand, while nothing waits to be shown: within that a node learns of
  /// what is done in its name.
  Duration logs_asked_every = std::chrono::minutes(1);
  Duration housekeeping_every =
      std::chrono::minutes(1);  ///< keys, overdue letters, the time last seen
};

/// What the loop does after a turn's commit.
struct Turn {
  std::vector<Bytes> frames;  ///< to the broker, in order
  bool hang_up = false;       ///< close the connection
  bool redial = true;         ///< after hanging up, or when it breaks (false: replaced or revoked)
  bool changed = false;       ///< something that a desk shows has changed
  bool more = false;          ///< work is left over: call turn() again without waiting
  std::vector<CaseId> cases;  ///< the cases that changed
};

/// A document to go with an act: described by describe_attachment(), its octets beside it.
struct NewAttachment {
  wire::Attachment about;
  Bytes octets;
};
/// Cuts and digests. The caller has judged kind and size (casework).
wire::Attachment describe_attachment(std::string name, wire::AttachmentKind kind, ByteView octets);

/// A node without sockets, threads or clocks: given Now and Entropy it repeats exactly.
///
/// All calls come from one thread. What they change is written at once into one open transaction,
/// which the next turn() commits before it says anything to anybody; a caller who must know that
/// something is durable waits for that turn (Loop::call does). Throws store::Failure when the disk
/// fails: the process ends, and starting again finds the last commit.
class Engine {
 public:
  /// Opens on a joined store (complete_join). Throws std::runtime_error in one line if the store is
  /// not joined, or keys are missing that it needs.
  Engine(EngineConfig config, std::unique_ptr<store::Database> database, crypto::KeyVault keys,
         Entropy& entropy, Now now);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] const Installation& installation() const;
  [[nodiscard]] const NodeId& self() const;
  /// How the process before this one ended. For a daemon, before its first turn: whether the
  /// letters that were being opened then may have ended it.
  void starts_after(LastEnd end);
  [[nodiscard]] NodeRole role() const;
  [[nodiscard]] const std::string& organisation() const;
  /// The key pair to dial with.
  [[nodiscard]] const crypto::CurvePair& curve() const;

  // The link.
  void connected(Now now);
  void disconnected(Now now);
  /// The exchange did not let this node's key in: for `status`, until it is welcomed.
  void refused();
  void frame(ByteView bytes, Now now);
  /// For a daemon, each time it wakes: after an unclean end the whole store is checked beside
  /// normal use, until it was found sound. Damage is logged and stands in `status`.
  void watch_store(Now now);
  /// One commit for everything since the last turn and for a bounded batch of work, then what to
  /// say.
  Turn turn(Now now);
  /// When turn() has something to do by itself next.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // What people do. Decided on the case as it stands; kept, signed and queued, or nothing is.
  using Decide = std::function<Result<std::vector<casework::Draft>>(const casework::CaseView&)>;
  /// not_found: no such case. unavailable: this node was restored and still catches up in it.
  Result<std::vector<wire::Event>> act(const CaseId& id, const casework::Actor& actor,
                                       const Decide& decide, Now now,
                                       const std::vector<NewAttachment>& attachments = {});
  /// The same on a new, empty case with a fresh id (Event::case_id of what it returns).
  Result<std::vector<wire::Event>> act_on_new_case(const casework::Actor& actor,
                                                   const Decide& decide, Now now);
  /// A random id for a referral.
  ReferralId fresh_referral();

  /// Marks that a person here has been shown the referral; tells its sender, once.
  Result<void> opened(const CaseId& id, const ReferralId& referral, Now now);

  // Reads.
  /// Every case's summary (casework::summarise), in memory.
  [[nodiscard]] const std::map<CaseId, wire::CaseSummary>& cases() const;
  /// Whether a restored node still waits for this case's participants (it decides nothing in it).
  [[nodiscard]] bool is_catching_up(const CaseId& id) const;
  /// The case as this node sees it. Valid until the next call that is not a read.
  Result<const casework::CaseView*> case_view(const CaseId& id);
  [[nodiscard]] std::optional<CaseId> case_of(const ReferralId& referral) const;
  /// Every referral's case, in memory.
  [[nodiscard]] const std::map<ReferralId, CaseId>& referrals() const;
  /// Each recipient's step for one event of this node; for a referral, that of its request.
  std::vector<DeliveryStep> delivery(const EventId& event);
  std::vector<DeliveryStep> delivery_of(const CaseId& id, const ReferralId& referral);
  /// What ended without being delivered and nobody has yet been told of, oldest first.
  struct Undelivered {
    DeliveryStep step;
    CaseId case_id;
    std::string kind;  ///< the event's kind, "part" of an attachment, "ask"
  };
  std::vector<Undelivered> undelivered();
  /// A person has seen it; or, with `again`, it is queued anew.
  enum class SeenOrAgain { seen, again };
  Result<void> settle_undelivered(const EventId& event, const NodeId& recipient, SeenOrAgain what,
                                  Now now);
  /// unavailable while parts are still under way. not_found: nothing of that digest in the case.
  Result<Bytes> attachment(const CaseId& id, const Digest& digest);
  [[nodiscard]] std::vector<PeerView> peers() const;
  [[nodiscard]] std::optional<PeerView> peer(const NodeId& node) const;

  // Directory.
  /// Signs and publishes a service of this node (a JSON that casework has validated); the next
  /// version. Durable here first, repeated until the registry has it.
  Result<std::uint32_t> publish_listing(const std::string& service,
                                        const std::string& open_referral, bool closed, Now now);
  [[nodiscard]] std::vector<OwnListing> own_listings() const;
  /// Every listing of the exchange that this node could read, and verified as its publisher's.
  [[nodiscard]] const casework::Directory& directory() const;
  /// A listing's JSON as published, with who and when; not_found.
  Result<ListingView> listing(const NodeId& publisher, const std::string& service) const;

  // Administration.
  [[nodiscard]] Status status(Now now) const;
  std::vector<AsideView> aside();
  Result<void> retry_aside(const LetterId& letter, Now now);
  /// Forgets one that was set aside, with its octets; its sender was told when it was. not_found.
  Result<void> drop_aside(const LetterId& letter);
  /// The same of all; how many there were.
  std::uint64_t drop_all_aside();
  /// An alarm that does not end by itself was seen to. not_found.
  Result<void> acknowledge_alarm(const std::string& id, Now now);
  /// What shows it: signed notes of the exchange. not_found.
  Result<std::string> alarm_evidence(const std::string& id);
  /// A letter that this node sent or took, with all that discloses it: whoever gets that can read
  /// this letter and no other. Leaves no trace: that is the caller's. not_found, unavailable.
  struct Disclosable {
    LetterView about;
    audit::Disclosure disclosure;
  };
  Result<Disclosable> disclosable(const LetterId& letter);
  /// The proof that a letter of this node's stands in the message log, as a file that anyone can
  /// check (c2sp.org/tlog-proof). not_found; unavailable: the exchange has not shown it yet.
  Result<std::string> proof_of(const LetterId& letter);
  /// Follows a change of key that lacks continuity, because a person has made sure of it.
  Result<void> confirm_key(const NodeId& node, const Fingerprint& certificate, Now now);
  /// Restored node: a person answers for a node that will not, or for one case.
  Result<void> override_catch_up(const NodeId& node, Now now);
  Result<void> override_catch_up(const CaseId& id, Now now);
  /// A copy of store and keys in one file (mode 0600), without sealing keys. Conflict: file exists.
  Result<void> backup(const std::string& path, Now now);
  /// Destroys the case's key and all that lies under it, leaves a tombstone; durable on return.
  /// Conflict: something of the case is still on its way to another node, or could not be delivered
  /// and nobody has seen that. Nothing else has it, and where a part of those concerned have it and
  /// its author no more, nobody would ever give it to the others. It goes on when those rows end: a
  /// node that stays away for good is revoked.
  Result<void> dispose(const CaseId& id, Now now);

  // For node/desk: its own tables in the same store.
  /// The store, with the turn's transaction open: what is written is durable with the next turn().
  store::Database& database_for_writing();
  store::Database& database();
  /// Seals a small record under the node's store key; `place` names table and row.
  [[nodiscard]] Bytes seal_record(std::string_view place, ByteView plain) const;
  [[nodiscard]] Result<Bytes> open_record(std::string_view place, ByteView sealed) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace liaison::node
