#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/role.h"
#include "wire/frame.h"
#include "wire/registry.h"

/// What the door found in bytes that it has verified: only the door makes these from a peer's
/// bytes (broker/shell/door.h), so a core that is given one may believe it.
namespace liaison::broker {

using Serial = Bytes;  ///< of a certificate: big-endian, no leading zero octet

struct SigningFacts {
  NodeId node;
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  CurveKey curve;
  Fingerprint fingerprint;
  Serial serial;
  Instant not_before;
  Instant not_after;
  wire::IssueReason reason{};
  Fingerprint previous;  ///< with `renewed`: the certificate that it continues
  Bytes continuity;      ///< with `renewed`: the signature by that one's key
  Bytes certificate;     ///< DER
  friend bool operator==(const SigningFacts&, const SigningFacts&) = default;
};

struct SealingFacts {
  NodeId node;
  Fingerprint fingerprint;
  Fingerprint signer;  ///< of the signing certificate whose key issued it
  Instant not_before;
  Instant not_after;
  friend bool operator==(const SealingFacts&, const SealingFacts&) = default;
};

struct RevocationFacts {
  std::uint64_t number = 0;
  std::vector<Serial> serials;  ///< all that the list names
  friend bool operator==(const RevocationFacts&, const RevocationFacts&) = default;
};

struct ListingFacts {
  NodeId publisher;
  std::string service;
  std::uint32_t version = 0;
  bool closed = false;
  friend bool operator==(const ListingFacts&, const ListingFacts&) = default;
};

/// A node says that a certificate in its name is not its own.
struct KeyAlarmFacts {
  NodeId node;
  Fingerprint contested;
  Fingerprint signer;  ///< by whose key; of the same node
  friend bool operator==(const KeyAlarmFacts&, const KeyAlarmFacts&) = default;
};

/// Entries of the broker's own making: the authority's certificate, administrators' acts.
struct PlainFacts {
  friend bool operator==(const PlainFacts&, const PlainFacts&) = default;
};

using Facts = std::variant<SigningFacts, SealingFacts, RevocationFacts, ListingFacts, KeyAlarmFacts,
                           PlainFacts>;

/// A body for the registry whose authenticity has been checked, with what it says.
struct CheckedEntry {
  wire::EntryKind kind{};
  Bytes body;
  Digest digest;  ///< SHA-256 of body
  Facts facts;
  friend bool operator==(const CheckedEntry&, const CheckedEntry&) = default;
};

/// A letter whose form has been checked, with the SHA-256 of its sealed bytes.
struct CheckedLetter {
  wire::Letter letter;
  Digest digest;
  friend bool operator==(const CheckedLetter&, const CheckedLetter&) = default;
};

}  // namespace liaison::broker
