@0x9af49b394865a11f;
# What is inside a sealed letter: the content of the CMS SignedData.
#
# Sealed by its sender to one recipient. The recipient refuses a content whose letter, sender or
# recipient is not the envelope's, or whose signer is not a registered certificate of `sender`:
# otherwise one who was written to could pass the letter on as if it had been meant for another.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema");

struct Content {
  version @0 :UInt16;              # 1
  letter @1 :Data;                 # 16 octets: the envelope's id
  sender @2 :Text;                 # node id: as in the envelope, and the signer's
  recipient @3 :Text;              # node id: as in the envelope
  sealedAt @4 :Int64;              # ms, the sender's clock; for display
  incarnation @5 :UInt64;          # the sender's incarnation when it sealed
  registryCheckpoint @6 :Data;     # the newest checkpoint of the registry log that the sender
                                   # verified; may be empty
  messageCheckpoint @7 :Data;      # and of the message log; may be empty
  union {
    events @8 :List(SignedEvent);  # of one case; at most 256, each of at most 128 KiB
    receipts @9 :List(Receipt);    # at most 1024; a letter of receipts is never receipted itself
    part @10 :Part;                # a piece of an attachment
    ask @11 :Ask;                  # something is missing here: please send it again
    answered @12 :Answered;        # all that was asked for has been queued before this letter
  }
  keyAlarms @13 :List(Data);       # SignedKeyAlarm of registry.capnp: certificates in the sender's
                                   # name that are not its own; at most 4, of at most 512 octets
}

struct SignedEvent {
  body @0 :Data;                   # bytes of an Event (casework.capnp), exactly as its author
                                   # signed them
  signature @1 :Data;              # ECDSA P-256 with SHA-256 over "liaison event" || body, DER
  certificate @2 :Data;            # 32 octets: fingerprint of the author's signing certificate
}

enum Stage {
  stored @0;                       # durable at the recipient's node
  opened @1;                       # a person at the organisation has been shown it
}

struct Receipt {
  letter @0 :Data;                 # 16 octets
  stage @1 :Stage;                 # how far it has come
  at @2 :Int64;                    # ms, the recipient's clock
}

struct Part {
  # Pieces of one attachment, in letters of their own. The event that names it carries its digest.
  case @0 :Data;                   # 16 octets
  attachment @1 :Data;             # 32 octets: SHA-256 of the whole attachment
  index @2 :UInt16;                # from 0
  count @3 :UInt16;                # at most 64
  bytes @4 :Data;                  # at most 384 KiB; all but the last of the same length; their
                                   # SHA-256 stands in the event
}

struct Ask {
  union {
    gap @0 :Gap;                   # numbered events of one strand
    whole @1 :Data;                # 16 octets: a case's id: all of it that I may have and do not
                                   # list below
    everything @2 :Int64;          # ms: I was restored; every case that we share, with events since
                                   # then or before
    part @3 :PartWanted;           # the bytes of a part that is missing
  }
  have @4 :List(Data);             # with `whole` and `everything`: ids of events already here; at
                                   # most 8192
}

struct Gap {
  case @0 :Data;                   # 16 octets: the case's id
  strandKind @1 :UInt16;           # StrandKind of casework.capnp
  strand @2 :Data;                 # 16 octets; zeros for core and own
  first @3 :UInt32;                # numbers wanted, from ...
  last @4 :UInt32;                 # ... to, both included; both 0: the `requested` that opens it
}

struct PartWanted {
  case @0 :Data;                   # 16 octets: the case's id
  attachment @1 :Data;             # 32 octets: SHA-256 of the whole attachment
}

struct Answered {
  ask @0 :Data;                    # 16 octets: id of the letter that asked
}
