#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "wire/events/common.h"

namespace liaison::wire {

/// What a list shows of one referral.
struct ReferralSummary {
  ReferralId id;
  std::string state;     ///< as programs read it: "received"
  std::string progress;  ///< within the state
  NodeId provider;
  std::string service;
  std::string service_name;
  std::string worker;
  std::string need;
  std::optional<Due> next_due;
  Instant requested_at{};
  Instant changed_at{};
  std::uint32_t questions_open = 0;
  bool withdrawal_asked = false;
  friend bool operator==(const ReferralSummary&, const ReferralSummary&) = default;
};

/// What lists show of a case, so that they need not fold it. Kept encrypted, written with each
/// event (schemas/casework.capnp).
struct CaseSummary {
  CaseId id;
  NodeId lead_office;
  bool open = true;
  bool whole = true;  ///< nothing known to be missing
  Handling handling = Handling::ordinary;
  std::string name;  ///< given and family name, as far as this node may know them
  std::string known_as;
  std::optional<Date> date_of_birth;
  std::vector<std::string> needs;
  Person lead_adviser;
  Person case_manager;
  Instant opened_at{};
  Instant changed_at{};
  std::vector<ReferralSummary> referrals;
  std::uint32_t not_applied = 0;  ///< own proposals and decisions that changed nothing
  friend bool operator==(const CaseSummary&, const CaseSummary&) = default;
};

Bytes encode(const CaseSummary& summary);
/// malformed, too_large
Result<CaseSummary> decode_case_summary(ByteView bytes);

}  // namespace liaison::wire
