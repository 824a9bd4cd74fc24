#pragma once

#include <list>
#include <set>
#include <unordered_map>

#include "base/tally.h"
#include "casework/case_file.h"
#include "node/core/catch_up.h"
#include "node/core/clock_guard.h"
#include "node/core/inbox.h"
#include "node/core/keyring.h"
#include "node/core/link.h"
#include "node/core/outbox.h"
#include "node/core/peers.h"
#include "node/core/receipts.h"
#include "node/core/registry_replica.h"
#include "node/core/wanted.h"
#include "node/shell/case_store.h"
#include "node/shell/door.h"
#include "node/shell/engine.h"
#include "node/shell/followed_logs.h"
#include "node/shell/kept_letters.h"
#include "node/shell/keys.h"
#include "node/shell/letter_store.h"
#include "node/shell/registry_store.h"
#include "store/watch.h"

namespace liaison::node {

/// A case in memory: its events and what they fold to.
struct OpenCase {
  casework::CaseFile file;
  casework::CaseView view;
  std::list<CaseId>::iterator used;
};

/// Whether what went to a node before goes there once more.
enum class Again : std::uint8_t {
  no,
  if_asked,  ///< it asks for it: some times a day
  yes,       ///< a person says so, or it was restored
};

/// Who may hold each strand.
using Audiences = std::map<wire::StrandRef, std::set<NodeId>>;

/// The engine's inside. Each group of functions is in a file of its own: engine_link.cpp,
/// engine_registry.cpp, engine_trust.cpp, engine_keys.cpp, engine_outbox.cpp, engine_inbox.cpp,
/// engine_matter.cpp, engine_cases.cpp, engine_documents.cpp, engine_asks.cpp,
/// engine_disclosure.cpp, engine_admin.cpp.
struct Engine::Parts {
  Parts(EngineConfig config_given, std::unique_ptr<store::Database> database_given,
        crypto::KeyVault vault_given, Entropy& entropy_given, Installation installation_given,
        crypto::Certificate authority_given, crypto::Certificate certificate_given,
        crypto::PrivateKey signing_given, crypto::CurvePair curve_given, Secret store_key_given);

  // ---- what it is made of
  EngineConfig config;
  std::unique_ptr<store::Database> database;
  crypto::KeyVault vault;
  Entropy& entropy;
  Sql sql;
  CaseStore cases;
  LetterStore letters;
  KeptLetters kept_letters;
  RegistryStore registry;
  FollowedLogs logs;
  store::Watch store_watch;
  std::optional<store::Transaction> transaction;

  // ---- who we are
  Installation installation;
  crypto::Certificate certificate;
  crypto::SigningProfile profile;
  crypto::PrivateKey signing;
  crypto::CurvePair curve;
  std::map<Fingerprint, SealingPair> sealing;
  std::map<Fingerprint, StoredOwnKey> own_keys;
  std::uint64_t incarnation = 0;
  bool renewal_asked = false;                ///< on this connection
  std::optional<Duration> renewal_again_at;  ///< steady: it was refused
  std::string renewal_text;                  ///< why the last was refused
  bool signing_lost = false;  ///< the key of the registered certificate is not here: rejoin
  bool key_refused = false;   ///< since it was last welcomed
  std::string shut_out;       ///< why the exchange revoked this node; kept until it is welcomed

  // ---- what decides
  ClockGuard clock;
  Link link;
  Outbox outbox;
  Inbox inbox;
  Receipts receipts;
  RegistryReplica replica;
  Peers peers;
  CatchUp catch_up;
  Wanted wanted;
  Door door;
  casework::Directory directory;

  // ---- cases in memory
  std::map<CaseId, wire::CaseSummary> summaries;
  std::map<ReferralId, CaseId> referral_case;
  std::unordered_map<CaseId, OpenCase> open_cases;
  std::list<CaseId> case_order;  ///< least recently used first

  // ---- what the next turn says
  std::vector<wire::Frame> say;       ///< first of all: hello, renewals
  std::vector<wire::Frame> say_last;  ///< after publications: since
  std::vector<wire::Taken> say_taken;
  std::vector<wire::SetAside> say_aside;
  std::vector<wire::Publication> say_publish;
  std::vector<wire::RegistryEntry> listings_waiting;  ///< of signers that are not followed yet
  std::vector<wire::RegistryEntry> alarms_waiting;    ///< key alarms, the same
  /// Certificates by the position of their entries, which are not shown to be in the log yet.
  std::multimap<std::uint64_t, Fingerprint> unlogged;
  std::set<std::uint64_t> lists_unlogged;  ///< positions of lists of revocations, the same
  std::vector<StoredKeyAlarm> own_alarms;
  Fingerprint first_certificate;  ///< of this node's life here
  std::map<LetterId, wire::Letter> just_sealed;
  std::vector<std::string> destroy_after_commit;
  bool hang_up = false;
  bool changed = false;
  std::set<CaseId> touched;

  // ---- timers, on the steady clock
  Now last_now{};
  Duration housekeeping_at{};
  /// Steady. A hello, or a renewal without which nothing goes, is answered by then, or the
  /// connection is given up and begun anew.
  Duration answered_by{};
  Duration former_at{};  ///< steady: what a former registry had is offered again
  Duration publish_at{};
  Duration contradicted_at{};  ///< steady: not before, the registry is asked for anew for it
  Instant pruned_at{};
  bool keys_due = true;
  std::uint64_t frames_unreadable = 0;
  std::size_t unreadable_here = 0;  ///< on this connection
  std::uint64_t frames_unknown = 0;

  // engine.cpp
  void load(Now now);
  void write();  ///< opens the turn's transaction if it is not
  [[nodiscard]] const NodeId& self() const { return installation.node; }
  void touch(const CaseId& id);
  void housekeeping(Now now);
  void begin_catch_up(Now now);
  Turn turn(Now now);

  // engine_store.cpp
  [[nodiscard]] store::Soundness kept_soundness();
  void keep_soundness();
  [[nodiscard]] std::string store_warning() const;

  // engine_link.cpp
  [[nodiscard]] HelloFacts hello_facts() const;
  void connected(Now now);
  void disconnected(Now now);
  void frame(ByteView bytes, Now now);
  void on(const wire::Welcome& welcome, Now now);
  void on(const wire::Goodbye& goodbye, Now now);
  void on(const std::vector<wire::Accepted>& accepted, Now now);
  void on(const wire::Proofs& proofs, Now now);
  [[nodiscard]] wire::Refused as_it_concerns_us(const wire::Refused& refused, Now now);

  // engine_registry.cpp
  void load_registry(Now now);
  void on(const wire::Entries& entries, Now now);
  void on(const std::vector<wire::Published>& published, Now now);
  /// `position`: in the registry's copy; none: it was learnt before, and what it rests on changed.
  void learn(const wire::RegistryEntry& entry, std::optional<std::uint64_t> position,
             Instant first_seen, Now now);
  void registry_complete(Now now);
  void publish(wire::EntryKind kind, Bytes body, const std::string& service, std::uint32_t version,
               Now now);
  void say_publications();
  [[nodiscard]] bool stands_elsewhere(const wire::Entries& entries);
  void begin_registry_anew(Now now);
  void epoch_went_back(std::uint64_t from, std::uint64_t to, Now now);
  void note_former_since(Now now);
  void say_former(const std::vector<wire::Publication>& former, Now now);
  void offer_former(Now now);
  void put_listing(const ListingView& listing);
  void take_listing(const wire::RegistryEntry& entry, const ListingView& listing,
                    const Fingerprint& signer, Now now);
  void look_at_listings_again(Now now);
  void load_listings_waiting();
  std::uint32_t version_listed(const std::string& service);

  // engine_revocations.cpp
  void load_revocations();
  /// `position`: as above.
  void take_revocations(const crypto::RevocationList& list, std::optional<std::uint64_t> position,
                        Now now);
  /// Whether the log was shown to have what names more, or from earlier on, than before.
  [[nodiscard]] bool revocations_logged(Now now);
  void forget_lists_unlogged();
  void end_answers_to_the_shut_out(Now now);

  // engine_trust.cpp
  void load_trust(Now now);
  void await_logged(const Fingerprint& of, std::uint64_t position, Now now);
  /// What the log was shown to have counts from now on.
  void logged(Now now);
  [[nodiscard]] bool certificates_logged(Now now);  ///< whether any was shown to be
  void look_at_trust_again(Now now);
  /// Whether a certificate in this node's name is not its own.
  [[nodiscard]] bool is_foreign(const SigningFact& fact,
                                const crypto::Certificate& registered) const;
  void raise_key_alarm(const Fingerprint& contested, Now now);
  void keep_key_alarm(const StoredKeyAlarm& alarm, Now now);
  void take_key_alarm(const wire::RegistryEntry& entry, const StoredKeyAlarm& alarm, Now now);
  void take_key_alarms(const wire::Content& content, Instant accepted_at, Now now);
  [[nodiscard]] std::vector<Bytes> key_alarms_to_send() const;
  [[nodiscard]] std::vector<Alarm> key_alarms(Instant now);
  /// Certificates in this node's name from before its own, of which no person here knows yet.
  [[nodiscard]] std::vector<const SigningFact*> unknown_before_own(Instant now);

  // engine_keys.cpp
  void check_store_key();
  void load_keys();
  void begin_witness();
  [[nodiscard]] bool lost_key_is_last() const;
  void tend_keys(Now now);
  void clock_moved(Duration jumped);
  void make_sealing_key(Now now);
  void sealing_key_stands(const Bytes& certificate, Now now);
  void ask_renewal();
  void forget_refused_renewal();
  void on(const wire::Renewed& renewed, Now now);
  /// Takes the certificate into use if its key is ours and it is not in use yet.
  void adopt(const Bytes& certificate, Now now);

  // engine_outbox.cpp
  void queue(OutboxRow row, Now now);
  void seal_some(Now now);
  void seal_receipts(Now now);
  void submit_some(Now now);
  std::optional<wire::Matter> matter_of(const SealJob& job, std::vector<ItemId>& gone);
  /// `about`: the cases whose matter it is; none for what is of no case.
  Result<wire::Letter> seal(const NodeId& to, wire::Matter matter, const std::set<CaseId>& about,
                            Now now);
  void perform(const OutboxDecision& decision, Now now);
  void perform(const NoteAccepted& write, Now now);
  void perform(const NoteToGo& write, Now now);
  void perform(const UndoSeal& write, Now now);
  void perform(const EndRefused& write, Now now);
  void perform(const DropLetter& write, Now now);
  void owe(const LetterId& letter, const NodeId& to, wire::Stage stage, Now now);

  // engine_inbox.cpp
  void on(const std::vector<wire::Delivery>& deliveries, Now now);
  [[nodiscard]] bool is_within_credit(const wire::Delivery& delivery);
  void arrived(const wire::Delivery& delivery, const wire::Letter& letter, Now now);
  void arrived(const wire::Delivery& delivery, const wire::Report& report, Now now);
  void take_back_receipts(const wire::Report& report, Now now);
  void count_attempts(const std::vector<LetterId>& released);
  /// What the store says is owed.
  void load_receipts(Now now);
  [[nodiscard]] bool has_to_open() const;
  void open_some(Now now);
  void judged(Arrived letter, JudgedLetter judged, Now now);
  void set_aside(const Arrived& letter, wire::RefusalReason reason, const std::string& why,
                 bool keep_octets, Now now);
  void taken(std::uint64_t sequence, const LetterId& letter);
  /// What was stored of it may be disclosed later.
  void keep_to_disclose(const wire::Letter& letter, JudgedLetter& judged, Now now);

  // engine_matter.cpp
  /// Keeps what a judged letter brought; why not, if it cannot be kept.
  Result<void> keep(const JudgedLetter& judged, Now now);
  Result<void> keep_events(const JudgedLetter& judged, Now now);
  /// Why events of those cases are not kept; nothing, if they are.
  Result<void> may_keep(const JudgedLetter& judged, const std::set<CaseId>& of);
  struct Kept {
    std::vector<EventId> believed;
    bool any = false;  ///< of these, or of others that count: the case is to be folded again
  };
  /// Those of the letter's events that are new in the case.
  Kept keep_events_of(OpenCase& open, const JudgedLetter& judged);
  /// To those who may lack what was kept now, or what this node said before it knew of them.
  void pass_on(OpenCase& open, const std::vector<EventId>& kept, Audiences before,
               const wire::Content& from, Now now);
  /// Whether it is new here.
  bool keep_event(OpenCase& open, const JudgedLetter& judged, const VerifiedEvent& each);
  void make_way(const CaseId& id, const JudgedLetter& judged);
  [[nodiscard]] bool is_hearsay(const OpenCase& open, const VerifiedEvent& said,
                                const NodeId& sender) const;
  [[nodiscard]] bool takes_part(const casework::CaseView& view) const;
  /// Cases that came with a letter of that node since this program started, and still have no part
  /// for this one.
  std::map<NodeId, std::set<CaseId>> cases_without_part;
  void take_receipt(const NodeId& from, const wire::Receipt& receipt, Now now);
  void take_answer(const NodeId& from, const wire::Answered& answered, Now now);

  // engine_admin.cpp
  /// By what id a person names what failed: of a document's parts the event that describes it. None
  /// if that is not here.
  std::optional<EventId> event_of(const LetterStore::Failed& failed);

  // engine_cases.cpp
  void load_cases();
  OpenCase& open_case(const CaseId& id);
  void close_case(const CaseId& id);
  void refold(OpenCase& open);
  void summarise(const OpenCase& open);
  std::vector<wire::Event> apply(OpenCase& open, const std::vector<casework::Draft>& drafts,
                                 const casework::Actor& actor, Now now);
  void settle(const CaseId& id, Now now);
  /// Cases in which nothing is decided yet after a restore, and by whose answers that may change.
  /// None: not looked for since this program started, or since somebody was shut out.
  std::optional<std::map<CaseId, std::set<NodeId>>> held_back;
  void settle_held_back_by(const NodeId& node, Now now);
  /// The other nodes in a case, but those that were shut out.
  [[nodiscard]] std::set<NodeId> others_in(const casework::CaseView& view) const;
  void settle_all(Now now);
  bool may_go(ByteView object, const NodeId& to, Now now, Again again);
  void queue_event(const wire::Event& event, const NodeId& to, Now now, Again again);
  void queue_to_all(const OpenCase& open, const wire::Event& event, const std::set<NodeId>& to,
                    Now now);
  [[nodiscard]] bool may_decide(const casework::CaseView& view, Now now) const;

  // engine_documents.cpp
  bool has_all_parts(const OpenCase& open);
  /// One that a person gives, who has had it described.
  void keep_attachment(const CaseId& id, const NewAttachment& attachment);
  Result<void> keep_part(const wire::Part& part, Now now);
  void queue_parts(const CaseId& id, const wire::Attachment& attachment, const NodeId& to, Now now,
                   Again again);
  void answer_part(const NodeId& to, const wire::PartWanted& part, Now now);

  // engine_asks.cpp
  Result<void> answer(const wire::Content& question, const wire::Ask& ask, Now now);
  /// Its sender sealed it before it lost its store, and has asked this node since for what it lost.
  bool is_of_a_lost_life(const wire::Content& content);
  /// What a receipt for a name that its items have lost ends: nothing if they lost it when that
  /// node asked for what it had lost, or before.
  std::vector<ItemId> stored_by_former_name(const LetterId& letter, const NodeId& from);
  /// It joined again, and a restored exchange may count its lives from a lower number.
  void forget_life(const NodeId& node);
  std::size_t answer_case(const NodeId& to, const CaseId& id, const std::set<EventId>& have,
                          Again again, Now now);
  void answer_gap(const NodeId& to, const wire::Gap& gap, Now now);
  void look_for_missing(const OpenCase& open, Now now);
  void ask_for_missing(Now now);
  void ask_everything(Now now);
  void ask_who_may_have_forgotten(Now now);
  Duration asked_everything_at{};  ///< steady: anybody, last
  void queue_ask(const NodeId& to, const CaseId& id, const wire::Ask& ask, const Bytes& object,
                 Now now);
  void give_up_strangers(Now now);
  void tend_catch_up(Now now);
  /// Whom this node has brought into the case just now, where it was free to decide, has nothing to
  /// say of it that is not known here. `before`: who was in it.
  void await_no_newcomer(const CaseId& id, const std::set<NodeId>& before);
  void look_for_left_out(Now now);
  void await_late_participants(const std::set<NodeId>& participants);
  /// Of all cases, but those that a person freed from waiting.
  std::set<NodeId> participants_to_hear();
  bool strangers_time_over = false;          ///< noticed since this program started
  std::map<NodeId, Duration> ask_again_at;   ///< steady: the question was refused
  std::map<NodeId, Tally> everything_asked;  ///< a day's
  /// The question what it has did not arrive there.
  void unanswered(const NodeId& node, wire::RefusalReason reason, Now now);
  void catch_up_answered(const NodeId& node, Answer answer, Now now);
};

inline constexpr const char* shut_out_meta = "shut_out";
/// Whether the registry was copied to its end once, and how many entries it had then; 0 when the
/// copy has begun anew since.
inline constexpr const char* copied_once_meta = "copied_once";
inline constexpr const char* first_copy_meta = "first_copy";
/// Frames of one connection that cannot be read before it is given up, as at the broker.
inline constexpr std::size_t unreadable_max = 10;
inline constexpr Duration welcome_patience = std::chrono::seconds(30);
inline constexpr Duration renewal_patience = std::chrono::minutes(5);

/// A document of a case, and the event in which an office describes it.
struct Document {
  std::shared_ptr<const wire::Event> event;
  wire::Attachment about;
};
/// Those that the case's lead offices, past ones too, describe: nobody else gives documents. By a
/// digest that it has heard of, another could get what is not for it, or say of it what is not so.
std::vector<Document> documents_of(const OpenCase& open);
/// Those of them that this node has to hold: of its referrals, without what was refused, and of
/// what nobody has decided upon no more than a referral may have.
std::vector<Document> documents_wanted(const OpenCase& open);
bool gives_documents(const casework::CaseView& view, const wire::Event& event);
/// The attachments that an event names, whoever its author is.
std::vector<wire::Attachment> attachments_of(const wire::Event& event);
/// The proposals of its own strand that an event cites, as far as they are here. What it cites of
/// another strand counts for nothing: its readers may not be that strand's.
std::vector<const wire::Event*> cited_by(const casework::CaseFile& file, const wire::Event& event);
/// All strands of a case that this node knows of.
std::vector<wire::StrandRef> strands_of(const casework::CaseView& view);
Audiences audiences_of(const casework::CaseView& view);
/// The object by which outbox rows name an ask for everything.
const Bytes& everything_object();

}  // namespace liaison::node
