#pragma once

#include "base/id.h"
#include "base/time.h"

/// Plain values of schemas/registry.capnp, SignedKeyAlarm and KeyAlarm.
namespace liaison::wire {

/// A node's word that a signing certificate in its name is not its own.
struct KeyAlarm {
  NodeId node;
  Fingerprint contested;
  Instant raised_at;  ///< by the node's clock; for people
  friend bool operator==(const KeyAlarm&, const KeyAlarm&) = default;
};

struct SignedKeyAlarm {
  Bytes body;
  Bytes signature;
  Fingerprint certificate;  ///< by whose key; the node's own, registered before the contested one
  friend bool operator==(const SignedKeyAlarm&, const SignedKeyAlarm&) = default;
};

Bytes encode(const KeyAlarm& alarm);
Bytes encode(const SignedKeyAlarm& alarm);
Result<KeyAlarm> decode_key_alarm(ByteView bytes);
Result<SignedKeyAlarm> decode_signed_key_alarm(ByteView bytes);

/// What its signature covers: "liaison key alarm" || body.
Bytes signed_bytes_of_key_alarm(ByteView body);

}  // namespace liaison::wire
