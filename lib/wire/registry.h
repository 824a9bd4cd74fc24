#pragma once

#include <string>

#include "base/id.h"
#include "base/time.h"

/// Plain values of schemas/registry.capnp: bodies of registry entries.
namespace liaison::wire {

enum class IssueReason : std::uint16_t { joined, renewed, rejoined };

struct IssuedCertificate {
  Bytes certificate;
  IssueReason reason{};
  Fingerprint previous;  ///< zero when joined
  Bytes request;
  Bytes continuity;
  friend bool operator==(const IssuedCertificate&, const IssuedCertificate&) = default;
};

struct Listing {
  NodeId publisher;
  std::string service;
  std::uint32_t version = 0;
  Instant published_at;
  bool closed = false;
  std::string open_referral;
  friend bool operator==(const Listing&, const Listing&) = default;
};

struct SignedListing {
  Bytes body;
  Bytes signature;
  Fingerprint certificate;
  friend bool operator==(const SignedListing&, const SignedListing&) = default;
};

struct AdministratorAct {
  std::string administrator;
  std::string act;
  std::string object;
  std::string detail;
  friend bool operator==(const AdministratorAct&, const AdministratorAct&) = default;
};

/// Another key for the logs. Keys are Ed25519 public keys.
struct LogKey {
  std::uint32_t number = 0;
  std::uint64_t epoch = 0;
  Digest former;
  Digest key;
  Bytes signature;
  friend bool operator==(const LogKey&, const LogKey&) = default;
};

Bytes encode(const IssuedCertificate& issued);
Bytes encode(const Listing& listing);
Bytes encode(const SignedListing& listing);
Bytes encode(const AdministratorAct& act);
Bytes encode(const LogKey& change);
Result<IssuedCertificate> decode_issued_certificate(ByteView bytes);
Result<Listing> decode_listing(ByteView bytes);
Result<SignedListing> decode_signed_listing(ByteView bytes);
Result<AdministratorAct> decode_administrator_act(ByteView bytes);
Result<LogKey> decode_log_key(ByteView bytes);

/// What a listing's signature covers: "liaison listing" || body.
Bytes signed_bytes_of_listing(ByteView body);
/// What the former key signs of a change: schemas/registry.capnp.
Bytes signed_bytes_of(const LogKey& change, const Fingerprint& authority);

}  // namespace liaison::wire
