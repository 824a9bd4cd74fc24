@0xee25755ab54796a0;
# The link between a node and its broker.
#
# Every frame is one Cap'n Proto message in one ZeroMQ message of one part: one segment, not packed,
# at most 1 MiB. A receiver reads with a traversal limit of 4 times the frame and nesting of 16.
# A union member that a receiver does not know is counted and ignored; new members and new fields
# are only ever added at the end. A frame that cannot be read costs its sender a strike.
#
# Times are milliseconds since 1970-01-01T00:00:00Z, up to the year 9999. Node ids are slugs: 2 to
# 40 of a-z, 0-9 and '-', starting with a letter, not ending in '-'. Ids and digests are raw octets
# of the stated length. A list of accepted, refused, taken or setAside has at most 4096 entries.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema");

struct Frame {
  union {
    hello @0 :Hello;                     # node: first frame of a connection
    welcome @1 :Welcome;                 # broker: the answer, after which all else may be sent
    submit @2 :List(Letter);             # node: letters to carry; at most 256 a frame
    accepted @3 :List(Accepted);         # broker: these are durable in their mailbox and in the log
    refused @4 :List(Refused);           # broker: these are not carried, and why
    credit @5 :Credit;                   # node: how much more it will take
    deliver @6 :List(Delivery);          # broker: what waits in the node's mailbox, in its order;
                                         # at most 256 a frame
    taken @7 :List(Taken);               # node: these are durable here; the broker may forget them
    setAside @8 :List(SetAside);         # node: these are kept here but could not be used
    publish @9 :List(Publication);       # node: for the registry; at most 64 a frame
    published @10 :List(Published);      # broker: the answer to each, in any order; at most 64 a
                                         # frame
    since @11 :Since;                    # node: asks for the registry's entries from an index on
    entries @12 :Entries;                # broker: registry entries: asked for, or as they happen
    renew @13 :Renewal;                  # node: asks for a new signing certificate
    renewed @14 :Renewed;                # broker: the answer
    goodbye @15 :Goodbye;                # either: the connection ends, and why
    prove @16 :Prove;                    # node: how far it follows the logs, what it wants shown
    proofs @17 :Proofs;                  # broker: the answer, once there is a checkpoint
    cosigned @18 :Cosigned;              # node: what it was asked to cosign and has verified
  }
}

struct Hello {
  versionMin @0 :UInt16;       # lowest version of this protocol that the node speaks; now 1
  versionMax @1 :UInt16;       # highest
  node @2 :Text;               # who it says it is; must be the owner of the CURVE key, or goodbye
  incarnation @3 :UInt64;      # as given by the last welcome; 0 (first start, or restored), or any
                               # other, gets a new one
  epoch @4 :UInt64;            # the broker's epoch that the node last saw; 0 if none
  registrySize @5 :UInt64;     # how many registry entries of that epoch it holds; decides nothing
  clock @6 :Int64;             # the node's clock, ms
  software @7 :Text;           # name and version, at most 64 octets; for people, never for
                               # decisions
  creditLetters @8 :UInt32;    # the first credit: letters (and reports) it will take
  creditBytes @9 :UInt64;      # and their sealed bytes in all
}

struct Welcome {
  version @0 :UInt16;          # the version both now speak
  epoch @1 :UInt64;            # goes up when the broker was restored: submit anew all that has no
                               # receipt
  incarnation @2 :UInt64;      # the node's, confirmed or new
  registrySize @3 :UInt64;     # entries in the broker's registry now
  clock @4 :Int64;             # the broker's clock, ms
  letterBytesMax @5 :UInt32;   # longest sealed letter, octets
  lettersWaitingMax @6 :UInt32;# how many unanswered letters the node may have submitted at once
  expiryMax @7 :Int64;         # longest time a letter may ask to wait, ms
  recovering @8 :Bool;         # restored, and collecting what nodes know: letters are refused with
                               # `recovering`
  certificate @9 :Data;        # the node's registered signing certificate, DER (as after a renewal
                               # whose answer was lost)
}

struct Letter {
  # What the exchange sees of a sealed message. `id`, `sender` and `recipient` are repeated inside,
  # signed.
  id @0 :Data;                 # 16 octets, random, fresh each time a letter is sealed; a repeat is
                               # the same bytes
  sender @1 :Text;             # node id; the broker refuses any but the connection's own
  recipient @2 :Text;          # node id; one recipient a letter
  sealingKey @3 :Data;         # 32 octets: SHA-256 of the DER of the recipient's sealing
                               # certificate that was used
  commitment @4 :Data;         # 32 octets: SHA-256("liaison cek" || content key)
  expires @5 :Int64;           # ms; after it the letter is returned to its sender with a report
  sealed @6 :Data;             # DER of CMS AuthEnvelopedData, at most 512 KiB
}

struct Accepted {
  letter @0 :Data;             # 16 octets
  leaf @1 :UInt64;             # index of its entry in the message log
  at @2 :Int64;                # ms, the broker's clock
}

enum RefusalReason {
  # What each means for the sender stands in `meaning`; the pairs are fixed:
  malformed @0;                # final: a field is missing or of the wrong length
  tooLarge @1;                 # final
  wrongSender @2;              # final: the sender named is not who sent it
  unknownRecipient @3;         # final: no such node
  recipientRevoked @4;         # final: the recipient has left or was shut out
  notPermitted @5;             # final: the exchange's policy does not let the sender write to the
                               # recipient
  expired @6;                  # final: its time had passed when it came
  expiryTooFar @7;             # reseal: it asks to wait longer than the exchange keeps letters
  idReused @8;                 # final: other bytes were accepted under this id before; logged
  keyReplaced @9;              # reseal: the sealing certificate named was replaced over 24 hours
                               # ago, has ended, or is of before its node joined again
  keyUnknown @10;              # retry: the broker does not know that sealing certificate (yet)
  senderQuota @11;             # retry: the sender has too much waiting, or had its day's share
  mailboxFull @12;             # retry: the recipient has too much waiting
  recovering @13;              # retry: the broker was restored and is collecting what nodes know
  busy @14;                    # retry: what passes (too many unanswered, a clock that jumped, a
                               # damaged store)
  unopenable @15;              # final: in a report: the recipient could not open or verify it
  noSuchKey @16;               # reseal: in a report: the recipient no longer has that sealing key
}

enum Meaning {
  retry @0;                    # the same bytes again, after `retryAfter`
  reseal @1;                   # seal anew (a new letter id) to the recipient's current certificate
  final @2;                    # it will not go; tell the user
}

struct Refused {
  letter @0 :Data;             # 16 octets
  reason @1 :RefusalReason;    # why
  meaning @2 :Meaning;         # what to do; fixed for each reason
  retryAfter @3 :UInt32;       # ms; with `retry`
  text @4 :Text;               # one line for a person, at most 200 octets
}

struct Credit {
  letters @0 :UInt32;          # this many more
  bytes @1 :UInt64;            # this many more octets of `sealed`
}

struct Delivery {
  # One thing that waits in the recipient's mailbox. A letter or report uses one letter of credit.
  sequence @0 :UInt64;         # goes up within a mailbox; gaps are normal
  acceptedAt @1 :Int64;        # ms, when the broker accepted it
  union {
    letter @2 :Letter;         # for this node, as its sender submitted it
    report @3 :Report;         # about a letter that this node had sent
  }
  leaf @4 :Int64 = -1;         # a letter's: index of its `accepted` entry in the message log; -1:
                               # not known any more
}

struct Report {
  # What became of a letter that this node had sent and the broker had accepted.
  letter @0 :Data;             # 16 octets
  recipient @1 :Text;          # node id
  reason @2 :RefusalReason;    # expired, recipientRevoked, unopenable, noSuchKey
  meaning @3 :Meaning;         # what to do; fixed for each reason
  at @4 :Int64;                # ms
}

struct Taken {
  sequence @0 :UInt64;         # as in Delivery
  letter @1 :Data;             # the letter's id (a report's: the id of the letter it is about)
}

struct SetAside {
  sequence @0 :UInt64;         # as in Delivery
  letter @1 :Data;             # 16 octets: the letter's id
  reason @2 :RefusalReason;    # unopenable or noSuchKey; the broker reports it to the sender, any
                               # other as unopenable
}

enum EntryKind {
  # The registry's kinds of entry; `body` is DER or the named struct of registry.capnp.
  authority @0;                # the exchange's authority certificate, DER; always entry 0
  signingCertificate @1;       # IssuedCertificate
  sealingCertificate @2;       # a node's sealing certificate, DER, signed by its own signing key
  revocationList @3;           # X.509 CRL of the authority, DER; numbers only go up
  listing @4;                  # SignedListing: a service of the directory, or its closing
  act @5;                      # AdministratorAct: what an administrator of the exchange did
  logKey @6;                   # LogKey: the logs are signed by another key from here on
  keyAlarm @7;                 # SignedKeyAlarm: a certificate in its node's name is not its own
}

struct Publication {
  kind @0 :EntryKind;          # what `body` is
  body @1 :Data;               # at most 256 KiB, a revocation list 512 KiB
}

struct Published {
  digest @0 :Data;             # 32 octets: SHA-256 of the body
  union {
    index @1 :UInt64;          # it stands in the registry at this index (also if it did already)
    refused @2 :Text;          # why not; one line for a person
  }
}

struct Since { index @0 :UInt64; }   # entries from this index on, please

struct Entries {
  first @0 :UInt64;            # index of the first entry listed
  size @1 :UInt64;             # entries in the registry now
  entries @2 :List(RegistryEntry);   # in order, without gaps; at most 1024
}

struct RegistryEntry {
  kind @0 :EntryKind;          # what `body` is
  at @1 :Int64;                # ms, when the broker kept it
  body @2 :Data;               # exactly as published; at most 256 KiB, a revocation list 512 KiB
}

struct Renewal {
  request @0 :Data;            # PKCS#10 for the new signing key, DER, at most 8 KiB
  previous @1 :Data;           # 32 octets: fingerprint of the certificate being replaced
  continuity @2 :Data;         # signature by the previous key over the new keys, at most 128
                               # octets: docs/PROTOCOL.md, 7.5
}

struct Renewed {
  union {
    certificate @0 :Data;      # the new signing certificate, DER; durable at the broker already
    pending @1 :Void;          # an offline authority signs in batches; it will come as a registry
                               # entry
    refused @2 :Text;          # why not; one line for a person
  }
}

struct Prove {
  # What a node asks of the logs (docs/PROTOCOL.md, 7.7). Not answered while there is no checkpoint
  # of that epoch, nor beyond a share of the minute; to be asked again.
  epoch @0 :UInt64;            # as in welcome: whose logs
  from @1 :UInt64;             # size of the message log that the node has followed; 0: none yet
  leaves @2 :List(UInt64);     # entries to be shown, sorted, each once; at most 512
  olderMessage @3 :List(UInt64);   # sizes that others' checkpoints of the message log have: to be
                               # shown as its beginnings (0 never is); at most 16
  olderRegistry @4 :List(UInt64);  # the same of the registry log
}

struct Proofs {
  registryCheckpoint @0 :Text; # the newest, a signed note; at most 8 KiB
  messageCheckpoint @1 :Text;  # the same of the message log: what all below is about
  from @2 :UInt64;             # as asked
  leaves @3 :List(UInt64);     # those of the leaves asked for that are in it
  growth @4 :Data;             # what shows that it continues the tree of `from` entries, and that
                               # these leaves are in it: hashes of 32 octets
  olderMessage @5 :List(Beginning);    # of the sizes asked for, those not above its size
  olderRegistry @6 :List(Beginning);   # the same of the registry log
  cosign @7 :Bool;             # the broker would have this node cosign these two checkpoints
}

struct Cosigned {
  # A node's word that these are the largest trees it has verified of the two logs
  # (c2sp.org/tlog-cosignature), given when it is durable with the node. Only after `proofs` that
  # asked for it, and for the checkpoints of those.
  epoch @0 :UInt64;            # whose logs
  registrySize @1 :UInt64;     # of the checkpoint of the registry log
  registry @2 :Text;           # one signature line of a note, with its line end, at most 512
                               # octets; empty: not cosigned
  messageSize @3 :UInt64;      # of the checkpoint of the message log
  message @4 :Text;            # as `registry`
}

struct Beginning {
  size @0 :UInt64;             # entries of the older tree
  consistency @1 :Data;        # RFC 9162, 2.1.4: hashes of 32 octets, at most 64
}

enum GoodbyeReason {
  stopping @0;                 # the other side ends; come back
  replaced @1;                 # a newer connection of the same node took over: do not redial
  revoked @2;                  # the node is shut out: do not redial
  version @3;                  # no version in common
  wrongNode @4;                # the hello named a node that is not the key's owner
  strikes @5;                  # too many frames that could not be read
  renewOnly @6;                # the node's certificate has ended: it may only renew
}

struct Goodbye {
  reason @0 :GoodbyeReason;    # why
  text @1 :Text;               # one line for a person, at most 200 octets
}
