@0x98c16a8ea1ba1843;
# Bodies of registry entries that are not plain DER. The registry is public to every node and is
# replicated whole; nothing in it names a client.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema");

enum IssueReason {
  joined @0;                   # with an invitation, for the first time
  renewed @1;                  # continuity holds the previous key's signature
  rejoined @2;                 # the node lost its keys and was invited again: no continuity
}

struct IssuedCertificate {
  certificate @0 :Data;        # signing certificate, DER, by the exchange's authority
  reason @1 :IssueReason;      # how the node came by it
  previous @2 :Data;           # 32 octets: fingerprint of the certificate replaced; empty when
                               # joined
  request @3 :Data;            # the PKCS#10 of the new key; empty unless renewed
  continuity @4 :Data;         # signature by the previous key over the new keys (docs/PROTOCOL.md,
                               # 7.5); empty unless renewed
}

struct SignedListing {
  body @0 :Data;               # bytes of a Listing, exactly as signed
  signature @1 :Data;          # ECDSA P-256 with SHA-256 over "liaison listing" || body, DER, at
                               # most 128 octets
  certificate @2 :Data;        # 32 octets: fingerprint of the publisher's signing certificate
}

struct Listing {
  publisher @0 :Text;          # node id
  service @1 :Text;            # the service's id within its publisher: 1 to 64 printable ASCII
                               # octets, none of them a slash (PROVIDER/SERVICE)
  version @2 :UInt32;          # 1, 2, 3, ...; the highest stands
  publishedAt @3 :Int64;       # ms, the publisher's clock
  closed @4 :Bool;             # the service has ended; its text stays for those who hold referrals
                               # to it
  openReferral @5 :Text;       # an Open Referral UK 3.0 service as JSON, at most 128 KiB
}

struct SignedKeyAlarm {
  # Also rides in each letter of the node that raised it (letter.capnp).
  body @0 :Data;               # bytes of a KeyAlarm, exactly as signed; at most 256 octets
  signature @1 :Data;          # ECDSA P-256 with SHA-256 over "liaison key alarm" || body, DER, at
                               # most 128 octets
  certificate @2 :Data;        # 32 octets: fingerprint of the node's signing certificate that stood
                               # in the registry before the contested one
}

struct KeyAlarm {
  # "A signing certificate was registered in my name that I did not ask for." It stops that
  # certificate, unless the node's former key has signed it (continuity), and no other.
  node @0 :Text;               # node id: whose name
  contested @1 :Data;          # 32 octets: fingerprint of the certificate that is not its own
  raisedAt @2 :Int64;          # ms, the node's clock; for people
}

struct AdministratorAct {
  administrator @0 :Text;      # user name at the broker, or "root" for the operator's shell
  act @1 :Text;                # invite, invite-rejoin, revoke, policy, quota, users-add,
                               # users-disable, rotate-log-key, archive
  object @2 :Text;             # node id, or user name; empty: the policy, or the quota of all
  detail @3 :Text;             # what was set, and why; at most 1 KiB
}

struct LogKey {
  # The logs' checkpoints are signed by another key from this entry on. Who knows the former key
  # knows the new one by it (docs/PROTOCOL.md, 7.7).
  number @0 :UInt32;           # 1, 2, 3, ... in one registry
  epoch @1 :UInt64;            # of the broker when it was changed
  former @2 :Data;             # 32 octets: the Ed25519 public key that signed until now
  key @3 :Data;                # 32 octets: the one that signs from now on
  signature @4 :Data;          # 64 octets: by the former key, over "liaison log key 1" 00 ||
                               # fingerprint of the authority || epoch (64 bits) || number (32
                               # bits) || former || key; numbers big-endian
}
