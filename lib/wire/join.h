#pragma once

#include <string>
#include <variant>

#include "base/id.h"

/// Plain values of schemas/join.capnp.
namespace liaison::wire {

struct JoinRequest {
  std::uint16_t version = 1;
  NodeId node;
  Digest secret;  ///< 32 octets of the invitation's secret
  Bytes request;  ///< PKCS#10, DER
  CurveKey curve_key;
  Digest witness_key;  ///< Ed25519 public key, 32 octets
  friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

struct Joined {
  Bytes authority;
  Bytes certificate;
  friend bool operator==(const Joined&, const Joined&) = default;
};
struct JoinPending {
  friend bool operator==(const JoinPending&, const JoinPending&) = default;
};
/// Joined, to be asked again, or why not (one line).
using JoinAnswer = std::variant<Joined, JoinPending, std::string>;

Bytes encode(const JoinRequest& request);
Bytes encode(const JoinAnswer& answer);
Result<JoinRequest> decode_join_request(ByteView bytes);
Result<JoinAnswer> decode_join_answer(ByteView bytes);

}  // namespace liaison::wire
