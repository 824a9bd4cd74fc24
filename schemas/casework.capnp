@0xd1b7c0a35e8f4429;
# What happens in a case. docs/CASEWORK.md says how these events become what a screen shows.
#
# An Event's bytes are signed once by its author (SignedEvent in letter.capnp) and from then on are
# kept and passed on as they are: nobody encodes an event a second time. One Cap'n Proto message
# of one
# segment, at most 128 KiB.
#
# Limits, unless a field states its own: a `line` is at most 200 octets of UTF-8, a `text` at most
# 8 KiB,
# a list at most 64 entries. A date is "2026-05-06", or empty for none. A node is a node id of 2
# to 40
# characters. Ids are 16 octets, digests 32.
#
# The mark of a node is FNV-1a (64 bit, big-endian) of its node id. Through it nobody can get in
# first with
# an event under another's id, or open a case or a referral that another did: such events are
# refused, or never shown.
#
# Growth: new kinds are new members of Event.body; new fields go at the end of a struct; new
# values at
# the end of an enum. A reader that meets a member, or a value of an enum, that it does not know
# keeps
# the event and treats it as of an unknown kind until it has been upgraded.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("liaison::schema::casework");

enum StrandKind {
  core @0;           # participants, case manager, sharing; everyone in the case has it; decider:
                     # the lead office
  own @1;            # the lead office's own record; decider: the lead office; nobody else has it
  referral @2;       # decider: the provider from `requested` on
  conversation @3;   # decider: its opener
}

enum UserRole {
  none @0;           # the node acted by itself
  adviser @1;
  specialist @2;
  manager @3;
  administrator @4;
  caseworker @5;
  practitioner @6;
}

struct Event {
  id @0 :Data;                      # 16 octets: 8 random ones and the author's mark
  case @1 :Data;                    # 16 octets: 8 random ones and the mark of the node that opened
                                    # the case
  strandKind @2 :StrandKind;
  strand @3 :Data;                  # a referral's or conversation's id; empty for core and own
  author @4 :Text;                  # node that signed
  incarnation @5 :UInt64;           # the author's; raised when it was restored from a backup
  user @6 :Text;                    # line; sign-in name at the author; empty: the node by itself
  userName @7 :Text;                # line; what to call that person
  userRole @8 :UserRole;
  at @9 :Int64;                     # ms since 1970, the author's clock; for display, decides
                                    # nothing
  answers @10 :Data;                # id of the event this one answers; empty: none
  number @11 :UInt32;               # 1, 2, 3, ... by the strand's decider; 0: a proposal
  cites @12 :List(Data);            # ids of the proposals that take effect, or are refused, with
                                    # this one
  body :union {
    none @13 :Void;                 # never written
    # the core
    caseOpened @14 :CaseOpened;
    participantJoined @15 :ParticipantJoined;
    participantLeft @16 :ParticipantLeft;
    managerAllocated @17 :Manager;
    managerProposed @18 :Manager;   # proposal
    managerAccepted @19 :Nothing;   # proposal; answers managerProposed
    managerDeclined @20 :Remark;    # proposal; answers managerProposed
    shared @21 :Shared;
    sharingWithdrawn @22 :SharingWithdrawn;
    handlingChanged @23 :HandlingChanged;
    caseClosed @24 :Remark;
    leadMoved @25 :LeadMoved;
    # the lead office's own record
    clientRecorded @26 :Client;
    clientEdited @27 :ClientEdited;
    referralDrafted @28 :ReferralDrafted;
    noteWritten @29 :Remark;
    # a referral
    requested @30 :Requested;       # opens the strand; number 0, by the lead office
    received @31 :Nothing;
    acknowledged @32 :Remark;
    asked @33 :Remark;              # stops the acknowledgement clock until answered
    answered @34 :Remark;           # proposal; answers asked
    detailsGiven @35 :Items;        # proposal
    attachmentAdded @36 :Attachment;  # proposal
    taken @37 :Nothing;             # the answers, details and attachments it cites are part of the
                                    # referral now
    refused @38 :Refused;           # any strand: the proposals it cites change nothing
    waiting @39 :Waiting;
    accepted @40 :Accepted;
    workerNamed @41 :WorkerNamed;
    declined @42 :Declined;
    started @43 :Started;
    progressed @44 :Progressed;
    pauseRequested @45 :Pause;      # proposal
    paused @46 :Pause;
    resumeRequested @47 :Remark;    # proposal
    resumed @48 :Remark;
    completed @49 :ExitReport;
    endedEarly @50 :EndedEarly;
    withdrawalRequested @51 :WithdrawalRequested;  # proposal
    withdrawn @52 :Remark;          # cites withdrawalRequested
    errorClaimed @53 :Remark;       # proposal
    enteredInError @54 :Nothing;    # cites errorClaimed
    deciderTakenOver @55 :DeciderTakenOver;
  }
}

# ---- What several kinds are made of

struct Nothing {}

struct Remark {
  text @0 :Text;                    # text; a reason, a question, an answer, a note, as the kind
                                    # says
}

struct Person {
  node @0 :Text;                    # empty: at an organisation off the exchange
  user @1 :Text;                    # line; sign-in name there; empty: no particular person
  name @2 :Text;                    # line; what to call them
}

enum Handling {
  ordinary @0;
  safeContact @1;                   # no address, postcode or home number in any event
}

enum Basis {
  unspecified @0;                   # never written
  required @1;                      # public task or contract; the client is told
  agreed @2;                        # the client's own agreement
  safety @3;                        # a reason and a manager's decision
}

struct Ground {
  # Why an item may be shared.
  basis @0 :Basis;
  recordedBy @1 :Text;              # line; name of the person who recorded it
  how @2 :Text;                     # line; agreed: how it was given
  purpose @3 :Text;                 # line; agreed: for what; required: which task or contract
  until @4 :Text;                   # date; agreed: last day it holds
  reason @5 :Text;                  # text; safety: why
  decidedBy @6 :Text;               # line; safety: the manager who decided
  clientTold @7 :Bool;              # whether the client was told what is sent
}

struct Item {
  name @0 :Text;                    # line; name, known_as, phone, needs, ... (docs/CASEWORK.md
                                    # lists them)
  values @1 :List(Text);            # at most 32 texts
  ground @2 :Ground;
}

struct Items {
  items @0 :List(Item);
}

enum AttachmentKind {
  unspecified @0;                   # never written
  pdf @1;
  docx @2;
  png @3;
  jpeg @4;
}

struct Attachment {
  # The document travels in parts (Part in letter.capnp).
  name @0 :Text;                    # line; file name without a folder: no '/' and no '\'
  kind @1 :AttachmentKind;          # by content, not by name
  size @2 :UInt64;                  # octets, at most 5 MiB; 25 MiB for all of a referral
  digest @3 :Data;                  # SHA-256 of the whole
  partSize @4 :UInt32;              # octets of each part but the last; 1 to 384 KiB
  parts @5 :List(Data);             # SHA-256 of each part, in order; as many as `size` takes, at
                                    # most 64
}

enum Standard {
  unspecified @0;                   # never written
  acknowledged @1;
  meetingOffered @2;
  meetingAttended @3;
  startedOrOutcome @4;
  actionPlan @5;
  progress @6;
  exitReport @7;
}

struct Due {
  # The sender computes it; both sides show this date, whatever their calendars say.
  standard @0 :Standard;
  on @1 :Text;                      # date, the last day
  provisional @2 :Bool;             # past the last year of the sender's bank-holiday calendar
}

# ---- The core

struct CaseOpened {
  # Number 1. Its author is the lead office from here on and its lead adviser the case manager.
  leadAdviser @0 :Person;
  leadNumber @1 :UInt32;            # 1; raised by one each time the lead moves
  handling @2 :Handling;
}

struct ParticipantJoined {
  who @0 :Person;
  organisation @1 :Text;            # line
  purpose @2 :Text;                 # line
}

struct ParticipantLeft {
  node @0 :Text;                    # node
  reason @1 :Text;                  # text
}

struct Manager {
  holder @0 :Person;                # exactly one
  reason @1 :Text;                  # text
}

struct Shared {
  # Names only: values travel in referrals.
  to @0 :Text;                      # node
  items @1 :List(Text);             # lines
  ground @2 :Ground;
}

struct SharingWithdrawn {
  to @0 :Text;                      # node
  items @1 :List(Text);             # lines
  reason @2 :Text;                  # text
}

struct HandlingChanged {
  handling @0 :Handling;
}

struct LeadMoved {
  # The old office's last event of the core; nothing it says after it applies.
  successor @0 :Text;               # node
  leadNumber @1 :UInt32;            # the successor's
  leadAdviser @2 :Person;
}

# ---- The lead office's own record

struct Client {
  # Empty: not known.
  givenName @0 :Text;               # line
  familyName @1 :Text;              # line
  knownAs @2 :Text;                 # line
  dateOfBirth @3 :Text;             # date
  nationalInsuranceNumber @4 :Text; # two letters, six digits, A to D
  phone @5 :Text;                   # line
  email @6 :Text;                   # line
  address @7 :List(Text);           # lines, without the postcode; at most 8
  postcode @8 :Text;                # line
  needs @9 :List(Text);             # lines, of the list in docs/CASEWORK.md
  needsText @10 :Text;              # text
  language @11 :Text;               # line; BCP 47
  communication @12 :List(Text);    # lines: bsl, relay, large_print, easy_read, welsh_spoken,
                                    # welsh_written, ...
  caring @13 :Text;                 # text; caring and childcare
  travel @14 :Text;                 # text; how far, by what, who pays fares
  permittedWork @15 :Text;          # text
  preferredTimes @16 :Text;         # text
  safeContact @17 :SafeContact;     # absent: none recorded
  actsFor @18 :ActsFor;             # absent: nobody
}

struct SafeContact {
  channel @0 :Text;                 # line; the only way to reach the client
  times @1 :Text;                   # line
  mayLeaveMessage @2 :Bool;         # on an answering machine, or with who picks up
}

struct ActsFor {
  name @0 :Text;                    # line
  capacity @1 :Text;                # line; appointee, attorney, representative, advocate
  powers @2 :Text;                  # line
  contact @3 :Text;                 # line
  until @4 :Text;                   # date
}

struct ClientEdited {
  client @0 :Client;                # the whole record after the change
  changed @1 :List(Text);           # lines; names of the fields that differ
}

struct ReferralDrafted {
  referral @0 :Data;                # 16 octets: the id it will be requested under
  request @1 :Requested;
}

# ---- A referral

enum Route {
  unspecified @0;                   # never written
  formal @1;                        # contracted provision
  informal @2;                      # first name, contact, need
  signpost @3;                      # nothing is sent
  self @4;                          # the provider says that a client came by themselves
}

enum Urgency {
  unspecified @0;                   # never written
  routine @1;
  soon @2;
  urgent @3;
}

struct IntakeAnswer {
  requirement @0 :Text;             # line; id of what the listing asks
  answer @1 :Text;                  # text
}

struct ContactPoint {
  name @0 :Text;                    # line
  organisation @1 :Text;            # line
  phone @2 :Text;                   # line
  email @3 :Text;                   # line
}

struct Requested {
  provider @0 :Text;                # node that decides from here on; empty: off the exchange
  service @1 :Text;                 # line; the listing's id at its provider
  serviceName @2 :Text;             # line; as it was when chosen
  listingVersion @3 :UInt32;        # its version then
  listingText @4 :Text;             # at most 16 KiB; what the listing said when it was chosen
  contracted @5 :Bool;              # whether it said so then
  route @6 :Route;
  need @7 :Text;                    # text
  hopedFor @8 :List(Text);          # at most 16 of at most 1000 octets
  effects @9 :Text;                 # text; on daily life, rather than diagnosis
  tried @10 :Text;                  # text; what was tried, what else runs
  urgency @11 :Urgency;
  answers @12 :List(IntakeAnswer);
  items @13 :List(Item);            # what is shared, each on its basis
  attachments @14 :List(Attachment);  # at most 32
  adviser @15 :ContactPoint;
  caseManager @16 :Person;
  dues @17 :List(Due);              # at most 16
  idempotencyKey @18 :Text;         # line; empty: none
  againOf @19 :Data;                # id of the earlier referral; empty: none
  overrideReason @20 :Text;         # text; against a directive: why
}

enum Refusal {
  unspecified @0;                   # never written
  finished @1;                      # the referral had ended first
  notPossible @2;                   # the state does not allow it
  notAuthorised @3;
  other @4;
}

struct Refused {
  why @0 :Refusal;
  text @1 :Text;                    # text
}

struct Waiting {
  expected @0 :Text;                # date; the month counts
  note @1 :Text;                    # text
}

struct Meeting {
  at @0 :Int64;                     # ms since 1970
  place @1 :Text;                   # line
  with @2 :Text;                    # line
  note @3 :Text;                    # text
}

struct Accepted {
  worker @0 :Person;                # who will meet the client
  workerPhone @1 :Text;             # line
  meeting @2 :Meeting;              # absent: none arranged yet
  waitUntil @3 :Text;               # date; expected month of a place
  note @4 :Text;                    # text
}

struct WorkerNamed {
  worker @0 :Person;
  workerPhone @1 :Text;             # line
}

enum DeclineReason {
  unspecified @0;                   # never written
  noCapacity @1;
  outOfArea @2;
  notEligible @3;
  needNotMetHere @4;
  insufficientInformation @5;
  alreadyHelpedElsewhere @6;
  alreadyInWork @7;
  safety @8;
  clientNotReached @9;              # after the second try
  clientDeclined @10;
  other @11;                        # see text
}

struct Declined {
  reason @0 :DeclineReason;
  text @1 :Text;                    # text
  suggests @2 :Text;                # line; another service, by id or name
}

struct Started {
  on @0 :Text;                      # date of the first meeting attended
  note @1 :Text;                    # text
  dues @2 :List(Due);               # at most 16
}

enum Progress {                     # BSeR's business statuses
  unspecified @0;                   # never written
  eventScheduled @1;
  eventUnattended @2;
  eventCancelled @3;
  eventCompleted @4;
  awaitingInformation @5;
  asPlanned @6;
}

enum NotAttended {
  none @0;
  ill @1;
  forgot @2;
  caring @3;
  transport @4;
  tooLate @5;
  appointmentNotKnown @6;
  other @7;
}

struct Progressed {
  progress @0 :Progress;
  meeting @1 :Meeting;              # absent: none meant
  notAttended @2 :NotAttended;
  withNotice @3 :Bool;              # the client had said so beforehand
  note @4 :Text;                    # text
  dues @5 :List(Due);               # at most 16
}

struct Pause {
  reason @0 :Text;                  # text
  expectedReturn @1 :Text;          # date
}

enum Hope {
  unspecified @0;                   # never written
  achieved @1;
  partly @2;
  notAchieved @3;
}

struct HopeResult {
  hopedFor @0 :Text;                # at most 1000 octets; as in Requested
  result @1 :Hope;
}

enum OutcomeCode {
  unspecified @0;                   # never written
  work16HoursAndOver @1;
  workUnder16Hours @2;
  selfEmployment @3;
  returnedToOwnJob @4;
  permittedWork @5;
  volunteering @6;
  workTrialOrPlacement @7;
  trainingOrEducation @8;
  conditionManagedBetter @9;
  practicalProblemSolved @10;
  movedOnToAnotherService @11;
  completedWithoutFurtherStep @12;
}

struct Outcome {
  code @0 :OutcomeCode;
  on @1 :Text;                      # date
  note @2 :Text;                    # text
}

struct ExitReport {
  hopes @0 :List(HopeResult);       # at most 16; each thing hoped for
  outcomes @1 :List(Outcome);       # at most 16
  whatWasDone @2 :Text;             # text
  whatNext @3 :Text;                # text
  clientSawIt @4 :Bool;             # and could say what they think of it
}

enum EndReason {
  unspecified @0;                   # never written
  clientLeft @1;
  clientNotReached @2;
  notSuitable @3;
  illness @4;
  serviceClosed @5;
  work @6;
  died @7;                          # no exit report asked
  terminalIllness @8;               # no exit report asked
  movedAbroad @9;                   # no exit report asked
  other @10;
}

struct EndedEarly {
  reason @0 :EndReason;
  text @1 :Text;                    # text
  report @2 :ExitReport;            # absent: none
}

enum WithdrawnBy {
  unspecified @0;                   # never written
  adviser @1;
  client @2;
}

struct WithdrawalRequested {
  by @0 :WithdrawnBy;
  reason @1 :Text;                  # text
}

struct DeciderTakenOver {
  # By the lead office, when the registry says that the decider is revoked or lost for good.
  after @0 :UInt32;                 # the old decider's last number that stands; this event's own is
                                    # after + 1
  reason @1 :Text;                  # text
}

# ---- A node's own: what lists show of a case; written with each event, encrypted, never sent

struct ReferralSummary {
  id @0 :Data;                      # 16 octets: the referral's id
  state @1 :Text;                   # line
  progress @2 :Text;                # line
  provider @3 :Text;                # node; empty: off the exchange
  service @4 :Text;                 # line
  serviceName @5 :Text;             # line
  worker @6 :Text;                  # line
  need @7 :Text;                    # text
  nextDue @8 :Due;                  # absent: none
  requestedAt @9 :Int64;            # ms
  changedAt @10 :Int64;             # ms
  questionsOpen @11 :UInt32;        # asked and not answered yet
  withdrawalAsked @12 :Bool;        # by the lead office, and not decided yet
}

struct CaseSummary {
  id @0 :Data;                      # 16 octets: the case's id
  leadOffice @1 :Text;              # node; empty: not known yet
  open @2 :Bool;                    # not closed
  whole @3 :Bool;                   # nothing known to be missing
  handling @4 :Handling;
  name @5 :Text;                    # text
  knownAs @6 :Text;                 # text
  dateOfBirth @7 :Text;             # date
  needs @8 :List(Text);             # lines
  leadAdviser @9 :Person;
  caseManager @10 :Person;
  openedAt @11 :Int64;              # ms
  changedAt @12 :Int64;             # ms
  referrals @13 :List(ReferralSummary);  # at most 1024
  notApplied @14 :UInt32;           # events of this node that changed nothing
}
