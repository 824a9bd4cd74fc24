#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/role.h"
#include "base/time.h"
#include "node/core/link_state.h"
#include "wire/frame.h"
#include "wire/registry.h"

/// What the desk and the operator are shown by the engine. Plain values.
namespace liaison::node {

/// How far one event got on its way to one recipient. The steps of docs/ARCHITECTURE: queued,
/// accepted by the exchange, stored at the recipient, opened by the organisation.
struct DeliveryStep {
  EventId event;
  NodeId recipient;
  Instant queued_at;
  std::optional<Instant> accepted_at;
  std::optional<Instant> stored_at;
  std::optional<Instant> opened_at;
  std::optional<wire::RefusalReason> refused;  ///< it ended without being delivered, and why
  friend bool operator==(const DeliveryStep&, const DeliveryStep&) = default;
};
/// "queued", "accepted", "stored", "opened" or "refused".
const char* name_of_step(const DeliveryStep& step);

/// A node of the exchange, as the registry shows it.
struct PeerView {
  NodeId node;
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  bool revoked = false;
  bool was_shut_out = false;                ///< otherwise than by joining again
  bool reachable = false;                   ///< has a sealing certificate that can be used now
  std::optional<Fingerprint> unproven_key;  ///< a change of key that waits for a person
  std::optional<Instant> unproven_until;    ///< it is followed by itself from then on
};

/// A published service of the directory, its newest version.
struct ListingView {
  NodeId publisher;
  std::string organisation;
  std::string service;
  std::uint32_t version = 0;
  Instant published_at;
  bool closed = false;
  std::string open_referral;  ///< JSON, as published
};
/// What became of a publication of this node's own.
struct OwnListing {
  ListingView listing;
  bool replicated = false;  ///< stands in the exchange's registry
  std::string refused;      ///< one line, or empty
};

/// A letter that could not be used. Never shows content.
struct AsideView {
  LetterId letter;
  NodeId sender;
  Instant received_at;
  std::size_t size_bytes = 0;
  wire::RefusalReason reason{};  ///< what the sender is told
  std::string why;               ///< one line for the administrator
  bool can_retry = false;        ///< the sealed bytes are kept and the key is still here
};

/// A letter that this node sent or took, as it can be disclosed.
struct LetterView {
  LetterId letter;
  NodeId sender;
  NodeId recipient;
  Instant sealed_at;                   ///< by its sender's clock
  std::optional<Instant> accepted_at;  ///< by the exchange's, as its message log has it
  std::size_t size_bytes = 0;
  std::string matter;                ///< "events", "receipts", "part of a document", ...
  std::vector<std::string> says;     ///< of events their kinds, of receipts their stages
  std::vector<CaseId> cases;         ///< that it is about
  std::vector<std::string> clients;  ///< and whose they are, as far as this node knows
};

/// Something that needs a person.
struct Alarm {
  std::string kind;  ///< a code for programs: "shut_out", "key_changed", ...
  std::string text;  ///< one line, plain words: what, and what to do
  std::string id;    ///< by which a person acknowledges it; empty: it ends by itself
};

/// How far the exchange's logs were followed.
struct LogsView {
  bool are_followed = false;  ///< the invitation named the logs' key
  std::uint64_t registry_size = 0;
  std::uint64_t message_size = 0;
  std::uint64_t letters_proved = 0;   ///< shown to be in the message log
  std::uint64_t letters_awaited = 0;  ///< not shown yet
  std::uint64_t letters_overdue = 0;  ///< of those, longer than they should be
  /// Stored, here or there, without the exchange having told their place: they are never proved.
  std::uint64_t letters_not_placed = 0;
  bool can_cosign = false;  ///< as a witness: it knows all that its key has cosigned
};

/// For the operator: `liaison-adviser status`.
struct Status {
  NodeId node;
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  LinkState link = LinkState::disconnected;
  std::string link_text;  ///< what the broker said last, or empty
  std::uint64_t epoch = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t registry_size = 0;
  bool registry_current = false;
  std::uint64_t cases = 0;
  std::uint64_t outbox_waiting = 0;      ///< items not yet accepted by the exchange
  std::uint64_t outbox_unreceipted = 0;  ///< accepted, without the recipient's receipt yet
  std::uint64_t inbox_held = 0;          ///< letters that wait for what is needed to judge them
  std::uint64_t set_aside = 0;
  std::uint64_t undelivered = 0;  ///< ended without delivery, not yet seen by a person
  std::uint64_t frames_unreadable = 0;
  std::uint64_t frames_unknown = 0;
  Instant signing_until;
  Instant sealing_until;
  std::uint32_t sealing_keys_retired = 0;
  bool keys_unprotected = false;
  bool clock_guarded = false;  ///< the clock jumped: nothing expires for a day
  bool catching_up = false;
  std::vector<NodeId> catching_up_from;  ///< who has not answered yet
  LogsView logs;
  std::vector<Alarm> alarms;
};

}  // namespace liaison::node
