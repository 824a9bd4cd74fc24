#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/time.h"

/// Plain values of schemas/link.capnp, which documents every field. A decoded value has been
/// checked for form (lengths, limits, known enumerants) and for nothing else: it is what a peer
/// *says*.
namespace liaison::wire {

struct Hello {
  std::uint16_t version_min = 1;
  std::uint16_t version_max = 1;
  NodeId node;
  std::uint64_t incarnation = 0;  ///< 0 asks for a new one
  std::uint64_t epoch = 0;
  std::uint64_t registry_size = 0;
  Instant clock;
  std::string software;
  std::uint32_t credit_letters = 0;
  std::uint64_t credit_bytes = 0;
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
  std::uint16_t version = 1;
  std::uint64_t epoch = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t registry_size = 0;
  Instant clock;
  std::uint32_t letter_bytes_max = 0;
  std::uint32_t letters_waiting_max = 0;
  Duration expiry_max{};
  bool recovering = false;
  Bytes certificate;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct Letter {
  LetterId id;
  NodeId sender;
  NodeId recipient;
  Fingerprint sealing_key;
  Commitment commitment;
  Instant expires;
  Bytes sealed;
  friend bool operator==(const Letter&, const Letter&) = default;
};

struct Accepted {
  LetterId letter;
  std::uint64_t leaf = 0;
  Instant at;
  friend bool operator==(const Accepted&, const Accepted&) = default;
};

enum class RefusalReason : std::uint16_t {
  malformed,
  too_large,
  wrong_sender,
  unknown_recipient,
  recipient_revoked,
  not_permitted,
  expired,
  expiry_too_far,
  id_reused,
  key_replaced,
  key_unknown,
  sender_quota,
  mailbox_full,
  recovering,
  busy,
  unopenable,
  no_such_key,
};
enum class Meaning : std::uint16_t { retry, reseal, final_ };

/// What a reason means for the sender: the fixed pairs of schemas/link.capnp.
Meaning meaning_of(RefusalReason reason);
/// One line for a person: what happened and what it means for them.
const char* sentence_for(RefusalReason reason);
/// Short name in snake_case, as in logs and JSON.
const char* name_of(RefusalReason reason);

struct Refused {
  std::optional<LetterId> letter;
  RefusalReason reason{};
  Meaning meaning{};
  Duration retry_after{};
  std::string text;
  friend bool operator==(const Refused&, const Refused&) = default;
};

struct Credit {
  std::uint32_t letters = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Credit&, const Credit&) = default;
};

struct Report {
  LetterId letter;
  NodeId recipient;
  RefusalReason reason{};
  Meaning meaning{};
  Instant at;
  friend bool operator==(const Report&, const Report&) = default;
};

struct Delivery {
  std::uint64_t sequence = 0;
  Instant accepted_at;
  std::variant<Letter, Report> item;
  std::optional<std::uint64_t> leaf = std::nullopt;  ///< a letter's, where it is known
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

struct Taken {
  std::uint64_t sequence = 0;
  LetterId letter;
  friend bool operator==(const Taken&, const Taken&) = default;
};

struct SetAside {
  std::uint64_t sequence = 0;
  LetterId letter;
  RefusalReason reason{};  ///< unopenable or no_such_key
  friend bool operator==(const SetAside&, const SetAside&) = default;
};

enum class EntryKind : std::uint16_t {
  authority,
  signing_certificate,
  sealing_certificate,
  revocation_list,
  listing,
  act,
  log_key,
  key_alarm,
};

struct Publication {
  EntryKind kind{};
  Bytes body;
  friend bool operator==(const Publication&, const Publication&) = default;
};

struct Published {
  Digest digest;
  std::variant<std::uint64_t, std::string> result;  ///< index in the registry, or why not
  friend bool operator==(const Published&, const Published&) = default;
};

struct Since {
  std::uint64_t index = 0;
  friend bool operator==(const Since&, const Since&) = default;
};

struct RegistryEntry {
  EntryKind kind{};
  Instant at;
  Bytes body;
  friend bool operator==(const RegistryEntry&, const RegistryEntry&) = default;
};

struct Entries {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  std::vector<RegistryEntry> entries;
  friend bool operator==(const Entries&, const Entries&) = default;
};

struct Renewal {
  Bytes request;
  Fingerprint previous;
  Bytes continuity;
  friend bool operator==(const Renewal&, const Renewal&) = default;
};

struct RenewalPending {
  friend bool operator==(const RenewalPending&, const RenewalPending&) = default;
};
struct Renewed {
  std::variant<Bytes, RenewalPending, std::string>
      result;  ///< certificate DER, pending, or why not
  friend bool operator==(const Renewed&, const Renewed&) = default;
};

struct Prove {
  std::uint64_t epoch = 0;
  std::uint64_t from = 0;
  std::vector<std::uint64_t> leaves;  ///< sorted, each once
  std::vector<std::uint64_t> older_message;
  std::vector<std::uint64_t> older_registry;
  friend bool operator==(const Prove&, const Prove&) = default;
};

struct Beginning {
  std::uint64_t size = 0;
  std::vector<Digest> consistency;
  friend bool operator==(const Beginning&, const Beginning&) = default;
};
struct Proofs {
  std::string registry_checkpoint;
  std::string message_checkpoint;
  std::uint64_t from = 0;
  std::vector<std::uint64_t> leaves;
  std::vector<Digest> growth;
  std::vector<Beginning> older_message;
  std::vector<Beginning> older_registry;
  bool cosign = false;  ///< the broker would have these two cosigned
  friend bool operator==(const Proofs&, const Proofs&) = default;
};

/// A node's cosignatures, each a line of a note; empty: none.
struct Cosigned {
  std::uint64_t epoch = 0;
  std::uint64_t registry_size = 0;
  std::string registry;
  std::uint64_t message_size = 0;
  std::string message;
  friend bool operator==(const Cosigned&, const Cosigned&) = default;
};

enum class GoodbyeReason : std::uint16_t {
  stopping,
  replaced,
  revoked,
  version,
  wrong_node,
  strikes,
  renew_only
};
const char* name_of(GoodbyeReason reason);

struct Goodbye {
  GoodbyeReason reason{};
  std::string text;
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

/// A union member that this version does not know: to be counted and ignored.
struct UnknownFrame {
  std::uint16_t member = 0;
  friend bool operator==(const UnknownFrame&, const UnknownFrame&) = default;
};

using Frame =
    std::variant<Hello, Welcome, std::vector<Letter>, std::vector<Accepted>, std::vector<Refused>,
                 Credit, std::vector<Delivery>, std::vector<Taken>, std::vector<SetAside>,
                 std::vector<Publication>, std::vector<Published>, Since, Entries, Renewal, Renewed,
                 Goodbye, Prove, Proofs, Cosigned, UnknownFrame>;

/// One ZeroMQ frame. The caller keeps lists within limits.h; over them it is a bug.
Bytes encode(const Frame& frame);
/// Malformed, or too_large over the limits of limits.h. Never throws.
Result<Frame> decode_frame(ByteView bytes);

/// About how many octets a letter takes within a frame, to fill frames up to frame_bytes_max.
std::size_t frame_cost(const Letter& letter);

}  // namespace liaison::wire
