#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace liaison::wire {

/// A calendar day, without a zone: a due date, a date of birth.
using Date = std::chrono::year_month_day;

/// What a person may do at a node (domain.md, Parties).
enum class UserRole : std::uint16_t {
  none = 0,  ///< the node itself acted, no person did
  adviser = 1,
  specialist = 2,
  manager = 3,
  administrator = 4,
  caseworker = 5,
  practitioner = 6,
};

/// How carefully a client's whereabouts are kept. Never says why.
enum class Handling : std::uint16_t { ordinary = 0, safe_contact = 1 };

/// Why an item may be shared (domain.md, What is shared).
enum class Basis : std::uint16_t {
  required = 1,  ///< public task or contract; the client is told
  agreed = 2,    ///< the client's own agreement
  safety = 3,    ///< a reason and a manager's decision
};

/// The basis of shared items with its particulars. `basis` decides which of the others matter.
struct Ground {
  Basis basis = Basis::required;
  std::string recorded_by;    ///< who recorded it: name of the person at the lead office
  std::string how;            ///< agreed: how it was given ("in person", "by telephone")
  std::string purpose;        ///< agreed: for what; required: under which task or contract
  std::optional<Date> until;  ///< agreed: last day it holds; none: until withdrawn
  std::string reason;         ///< safety: why
  std::string decided_by;     ///< safety: the manager who decided
  bool client_told = true;    ///< whether the client was told what is sent
  friend bool operator==(const Ground&, const Ground&) = default;
};

/// One shared item with its value. Values travel in a referral's strand only.
struct Item {
  std::string name;                 ///< one of casework/items.h
  std::vector<std::string> values;  ///< one, or several for lists (address lines, needs)
  Ground ground;
  friend bool operator==(const Item&, const Item&) = default;
};

/// A person at a node, as others see them.
struct Person {
  NodeId node;       ///< empty: at an organisation off the exchange
  std::string user;  ///< sign-in name there; empty: the organisation, no particular person
  std::string name;  ///< what to call them
  friend bool operator==(const Person&, const Person&) = default;
};

enum class AttachmentKind : std::uint16_t { pdf = 1, docx = 2, png = 3, jpeg = 4 };

/// A document that goes with a referral. Its octets travel in parts, each a letter of its own.
struct Attachment {
  std::string name;  ///< file name for display; no folder
  AttachmentKind kind = AttachmentKind::pdf;
  std::uint64_t size = 0;       ///< octets, up to 5 MiB
  Digest digest;                ///< SHA-256 of the whole
  std::uint32_t part_size = 0;  ///< octets of every part but the last
  std::vector<Digest> parts;    ///< SHA-256 of each part, in order
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// Which promise a due date belongs to (domain.md, Service standards).
enum class Standard : std::uint16_t {
  acknowledged = 1,
  meeting_offered = 2,
  meeting_attended = 3,
  started_or_outcome = 4,
  action_plan = 5,
  progress = 6,
  exit_report = 7,
};

/// A date that the sender computed; everyone shows this one, whatever their own calendar says.
struct Due {
  Standard standard = Standard::acknowledged;
  Date on{};
  bool provisional = false;  ///< past the last year of the sender's bank-holiday calendar
  friend bool operator==(const Due&, const Due&) = default;
};

}  // namespace liaison::wire
