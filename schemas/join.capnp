@0xb33e111586e39326;
# Joining: one request and one answer over the broker's joining address (CURVE with any client key).
# The request may be repeated with the same keys and gets the node's present certificate.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema");

struct JoinRequest {
  version @0 :UInt16;          # 1
  node @1 :Text;               # as in the invitation
  secret @2 :Data;             # 32 octets: the invitation's one-time secret
  request @3 :Data;            # PKCS#10 for the signing key, DER, at most 8 KiB
  curveKey @4 :Data;           # 32 octets: the node's CURVE public key; the connection must use it
  witnessKey @5 :Data;         # 32 octets: the node's Ed25519 public key
}

struct JoinAnswer {
  union {
    joined @0 :Joined;         # admitted
    pending @1 :Void;          # an offline authority has yet to sign: ask again later
    refused @2 :Text;          # one line for a person
  }
}

struct Joined {
  authority @0 :Data;          # the authority's certificate, DER; its fingerprint stands in the
                               # invitation
  certificate @1 :Data;        # the node's signing certificate, DER
}
