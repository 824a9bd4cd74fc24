#pragma once

#include <string>
#include <vector>

#include "wire/events/common.h"

/// Events of the core strand. Decider: the lead office. [proposal] marks what others may say.
namespace liaison::wire::events {

/// Number 1 of the core: the case begins; its author is the lead office and its lead adviser the
/// case manager.
struct CaseOpened {
  Person lead_adviser;
  std::uint32_t lead_number = 1;  ///< raised by one each time the lead moves between offices
  Handling handling = Handling::ordinary;
  friend bool operator==(const CaseOpened&, const CaseOpened&) = default;
};

struct ParticipantJoined {
  Person who;
  std::string organisation;  ///< as shown
  std::string purpose;       ///< for what
  friend bool operator==(const ParticipantJoined&, const ParticipantJoined&) = default;
};

struct ParticipantLeft {
  NodeId node;
  std::string reason;
  friend bool operator==(const ParticipantLeft&, const ParticipantLeft&) = default;
};

/// The case manager is from now on `holder`. Cites the holder's acceptance unless the holder is at
/// the lead office.
struct ManagerAllocated {
  Person holder;
  std::string reason;
  friend bool operator==(const ManagerAllocated&, const ManagerAllocated&) = default;
};

/// [proposal] Anyone in the case proposes a holder.
struct ManagerProposed {
  Person holder;
  std::string reason;
  friend bool operator==(const ManagerProposed&, const ManagerProposed&) = default;
};

/// [proposal] The proposed holder agrees; `answers` is the ManagerProposed.
struct ManagerAccepted {
  friend bool operator==(const ManagerAccepted&, const ManagerAccepted&) = default;
};

/// [proposal] The proposed holder does not; `answers` is the ManagerProposed.
struct ManagerDeclined {
  std::string reason;
  friend bool operator==(const ManagerDeclined&, const ManagerDeclined&) = default;
};

/// Items may be shared with a node from now on. Names only: values travel in referrals.
struct Shared {
  NodeId to;
  std::vector<std::string> items;
  Ground ground;
  friend bool operator==(const Shared&, const Shared&) = default;
};

/// Ends agreed items with a node; against required ones it is recorded as an objection.
struct SharingWithdrawn {
  NodeId to;
  std::vector<std::string> items;
  std::string reason;
  friend bool operator==(const SharingWithdrawn&, const SharingWithdrawn&) = default;
};

struct HandlingChanged {
  Handling handling = Handling::ordinary;
  friend bool operator==(const HandlingChanged&, const HandlingChanged&) = default;
};

struct CaseClosed {
  std::string reason;
  friend bool operator==(const CaseClosed&, const CaseClosed&) = default;
};

/// The old office's last word in the core: the lead moves; nothing it says after that applies.
struct LeadMoved {
  NodeId successor;
  std::uint32_t lead_number = 2;  ///< the successor's
  Person lead_adviser;
  friend bool operator==(const LeadMoved&, const LeadMoved&) = default;
};

}  // namespace liaison::wire::events
