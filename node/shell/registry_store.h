#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/catch_up.h"
#include "node/core/keyring.h"
#include "node/core/peers.h"
#include "node/shell/sql.h"
#include "node/shell/views.h"
#include "wire/frame.h"
#include "wire/registry_leaf.h"

namespace liaison::node {

enum class CertificateKind : std::uint8_t { signing = 0, sealing = 1 };

struct StoredCertificate {
  Fingerprint fingerprint;
  CertificateKind kind{};
  Bytes der;
  std::optional<Fingerprint> under;  ///< by whose key it was signed, or issued
  Instant first_seen;
  bool confirmed = false;
  bool logged = false;                    ///< shown to be in the registry's log
  std::optional<std::uint64_t> position;  ///< in the registry's copy; of one that is not logged
};

/// A node's word that a certificate in its name is not its own; checked.
struct StoredKeyAlarm {
  NodeId node;
  Fingerprint contested;
  Fingerprint signer;
  Bytes alarm;  ///< wire::SignedKeyAlarm
  Instant at;   ///< when it was raised, or came here
  bool acknowledged = false;
};

enum class PublicationState : std::uint8_t { waits = 0, stands = 1, refused = 2 };

struct StoredPublication {
  Digest digest;
  wire::Publication publication;
  PublicationState state{};
  std::string refused;
  Instant at;
  std::string service;  ///< of an own listing
  std::uint32_t version = 0;
};

struct StoredOwnKey {
  OwnSealingKey key;
  Bytes certificate;
};

/// What is kept of the exchange itself: the registry's copy, certificates that were checked,
/// listings, this node's publications and sealing certificates, small facts by name.
class RegistryStore {
 public:
  explicit RegistryStore(Sql& sql) : sql_(sql) {}

  [[nodiscard]] std::optional<Bytes> meta(const char* name);
  void set_meta(const char* name, ByteView value);
  [[nodiscard]] std::uint64_t number(std::string_view name);
  void set_number(std::string_view name, std::uint64_t value);
  void clear_meta(const char* name);

  [[nodiscard]] std::uint64_t size();
  void append(std::uint64_t position, const wire::RegistryEntry& entry);
  [[nodiscard]] bool stands(const Digest& digest);
  /// Entries from one on, as the registry log has them.
  [[nodiscard]] std::vector<wire::RegistryLeaf> leaves(std::uint64_t first, std::uint64_t count);
  /// Forgets one entry; before begin_anew().
  void drop(std::uint64_t position);
  /// A new epoch: all that is here becomes what a former registry had.
  void begin_anew();
  /// What a former registry had and this one lacks, in its order; forgets the rest.
  [[nodiscard]] std::vector<wire::Publication> former_missing();
  [[nodiscard]] std::vector<wire::Publication> former();
  void drop_former(const Digest& digest);
  void forget_former();

  void keep_publication(const StoredPublication& publication);
  /// The state it was left in; none if it is not ours.
  [[nodiscard]] std::optional<StoredPublication> publication(const Digest& digest);
  void settle_publication(const Digest& digest, PublicationState state, const std::string& refused);
  /// What the exchange has not answered for good yet, oldest first.
  [[nodiscard]] std::vector<wire::Publication> waiting_publications();
  /// Every version of this node's own services, oldest first.
  [[nodiscard]] std::vector<StoredPublication> published_listings();
  /// Of those of one service that were not refused; 0: none.
  [[nodiscard]] std::uint32_t newest_version(const std::string& service);
  /// Of sealing keys that are retired or gone: no restored exchange is to have them again.
  void drop_ended_certificates();
  /// Own ones that stood and do not stand in this registry any more wait again.
  void publish_lost_again();

  void keep_certificate(const StoredCertificate& certificate);
  void confirm_certificate(const Fingerprint& fingerprint);
  /// `seen`: when it was first seen counts from then; none: as it is.
  void certificate_logged(const Fingerprint& fingerprint, std::optional<Instant> seen);
  void forget_certificate(const Fingerprint& fingerprint);
  /// All were first seen so much later by this node's clock, which jumped.
  void clock_moved(Duration by);
  /// The copy begins anew: places in it mean nothing any more.
  void forget_positions();

  void keep_key_alarm(const StoredKeyAlarm& alarm);
  [[nodiscard]] std::vector<StoredKeyAlarm> key_alarms();
  /// False: there is none of that node.
  bool acknowledge_key_alarm(const NodeId& node, const Fingerprint& contested);
  [[nodiscard]] std::vector<StoredCertificate> certificates();

  /// By serial; of a serial that is here in the place of what was said before.
  void keep_revoked(const std::map<Bytes, Revoked>& revoked);
  [[nodiscard]] std::map<Bytes, Revoked> revoked();

  void keep_listing(const ListingView& listing);
  [[nodiscard]] std::vector<ListingView> listings();
  /// Of the registry's copy, in its order.
  [[nodiscard]] std::vector<wire::RegistryEntry> entries_of(wire::EntryKind kind);
  /// Where they stand, from `first` on.
  [[nodiscard]] std::set<std::uint64_t> positions_of(wire::EntryKind kind, std::uint64_t first);
  [[nodiscard]] Bytes body_of(std::uint64_t position);
  [[nodiscard]] std::optional<ListingView> listing(const NodeId& publisher,
                                                   const std::string& service);

  void keep_own_key(const StoredOwnKey& key);
  [[nodiscard]] std::vector<StoredOwnKey> own_keys();
  void drop_own_key(const Fingerprint& fingerprint);
  /// All of them, with what was published of them: no sealing key is in a backup.
  void drop_own_keys();

  void keep_answer(const NodeId& node, Answer answer);
  [[nodiscard]] std::map<NodeId, Answer> answers();
  void free_case(const CaseId& id);
  [[nodiscard]] std::set<CaseId> freed_cases();
  void end_catch_up();

 private:
  Sql& sql_;
};

}  // namespace liaison::node
