#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/certificate.h"

namespace liaison::crypto {

/// Enough for every certificate of a region's nodes over their 90 days.
inline constexpr std::size_t revocation_list_bytes_max = 512 * 1024;

/// Why (RFC 5280, 5.3.1); only these are used.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  privilege_withdrawn = 9,
};
const char* name_of(RevocationReason reason);  ///< "key_compromise"
Result<RevocationReason> parse_revocation_reason(std::string_view text);

struct RevocationEntry {
  Serial serial;
  Instant revoked_at;  ///< when the authority said so; to the second
  RevocationReason reason = RevocationReason::unspecified;
  std::optional<Instant>
      as_of;  ///< invalidityDate: from when nothing signed by it is to be believed
  /// From when the certificate does not hold: as_of, or else revoked_at.
  [[nodiscard]] Instant holds_until() const { return as_of.value_or(revoked_at); }
  friend bool operator==(const RevocationEntry&, const RevocationEntry&) = default;
};

/// The exchange's revocation list: an X.509 CRL with a number. Cheap to copy.
class RevocationList {
 public:
  /// Reads strict DER; not yet believed. Malformed unless a version 2 list with a number, of the
  /// profile.
  static Result<RevocationList> parse(ByteView der);
  /// Whether `authority` signed it. It has no end of its own: the newest number holds until a newer
  /// one.
  [[nodiscard]] Result<void> verify(const Certificate& authority) const;
  /// Signs a list. `number` is at least 1; entries of one serial twice: the first stays.
  static RevocationList make(std::uint64_t number, const std::vector<RevocationEntry>& entries,
                             const PrivateKey& key, const Certificate& authority, Instant now);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::uint64_t number() const;
  [[nodiscard]] Instant issued_at() const;
  /// In the list's order, oldest first.
  [[nodiscard]] const std::vector<RevocationEntry>& entries() const;
  [[nodiscard]] const RevocationEntry* find(const Serial& serial) const;
  /// Whether the list names `serial`: from the moment a node has such a list, nothing more is
  /// accepted under the certificate, whatever time a letter claims.
  [[nodiscard]] bool is_revoked(const Serial& serial) const { return find(serial) != nullptr; }
  /// Whether the certificate did not hold any more at `at`: for what was kept earlier (events of
  /// before the revocation stay believed, those since `as_of` do not).
  [[nodiscard]] bool is_revoked(const Serial& serial, Instant at) const;

 private:
  struct Parts;
  explicit RevocationList(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

/// What several lists say together: who was named once stays named, by the earliest time said. A
/// list that leaves somebody out takes nothing back.
class Revocations {
 public:
  void add(const RevocationList& list);
  [[nodiscard]] const RevocationEntry* find(const Serial& serial) const;
  [[nodiscard]] bool is_revoked(const Serial& serial, Instant at) const;

 private:
  std::map<Serial, RevocationEntry> by_serial_;
};

}  // namespace liaison::crypto
