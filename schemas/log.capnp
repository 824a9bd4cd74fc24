@0xcc29dfe0be43ddfa;
# Entries of the message log: what the broker did with each letter. Metadata and digests only, no
# personal data. An entry is kept, hashed and exported as the bytes written first; never re-encoded.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema");

enum LogKind {
  accepted @0;                 # the broker took it into a mailbox
  taken @1;                    # the recipient has it
  setAside @2;                 # the recipient could not use it
  expired @3;                  # its time passed; returned to its sender
  returned @4;                 # its recipient was revoked while it waited
  refused @5;                  # one letter
  refusedMany @6;              # the rest of a minute's refusals of one sender: `count` of them
}

struct LogEntry {
  version @0 :UInt16;          # 1
  kind @1 :LogKind;            # what happened
  at @2 :Int64;                # ms, the broker's clock
  letter @3 :Data;             # 16 octets; empty with refusedMany
  sender @4 :Text;             # node id
  recipient @5 :Text;          # empty with refusedMany
  size @6 :UInt32;             # octets of the sealed bytes
  digest @7 :Data;             # 32 octets: SHA-256 of the sealed bytes; empty with refusedMany
  commitment @8 :Data;         # 32 octets; empty with refusedMany
  reason @9 :UInt16;           # RefusalReason of link.capnp, with setAside, refused and refusedMany
  count @10 :UInt32;           # with refusedMany
}
