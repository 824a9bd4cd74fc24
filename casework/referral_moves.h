#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "wire/event.h"

namespace liaison::casework {

/// Where a referral stands (HL7 FHIR Task codes in code_of()).
///
///   draft -> requested -> received -> accepted -> started -> completed
///                            |           |          |\-----> ended_early
///                            \-----------+-> declined
///   accepted, started <-> paused;  anything open -> withdrawn, entered_in_error
///
/// The drawing is a help to memory; moves() is the rule, docs/CASEWORK.md its whole table.
enum class ReferralState : std::uint16_t {
  draft,
  requested,
  received,
  accepted,
  declined,
  started,
  paused,
  completed,
  ended_early,
  withdrawn,
  entered_in_error,
};
inline constexpr std::size_t referral_states = 11;

/// "requested", "ended_early": as programs read them.
const char* name_of(ReferralState state);
/// The FHIR Task code: "in-progress" for started.
const char* code_of(ReferralState state);
Result<ReferralState> parse_referral_state(std::string_view text);
/// Declined, completed, ended early, withdrawn, entered in error.
bool is_final(ReferralState state);
/// Completed or ended early: work that nothing undoes.
bool is_finished(ReferralState state);

/// Who makes a move.
enum class Mover : std::uint8_t {
  office,         ///< a person at the lead office; a proposal, but for `requested`
  provider,       ///< a person at the strand's decider
  provider_node,  ///< the decider's node by itself
};

/// Where a move leads.
enum class Leads : std::uint8_t {
  nowhere,  ///< the state stays
  to,       ///< Move::to
  back,     ///< to the state before the pause
};

enum class Guard : std::uint8_t {
  none,
  if_started,           ///< only when the referral was started, before a pause or not
  if_asked,             ///< only while a question is open
  unless_acknowledged,  ///< only while nobody there has reacted
  cites_proposal,       ///< takes effect only with the proposal it cites (Move::cites)
};

/// One row of the table of allowed moves: the only statement of what may follow what. Validation,
/// allowed_actions(), docs/CASEWORK.md and the tests come from it.
struct Move {
  std::size_t kind;         ///< index in wire::EventBody
  std::string_view action;  ///< the command, as at the desk: "accept"
  Mover mover;
  std::uint32_t from;  ///< set of states: bit (1 << state)
  Leads leads;
  ReferralState to;
  Guard guard;
  std::size_t cites;  ///< kind of the proposal it must cite; 0: none

  [[nodiscard]] bool starts_in(ReferralState state) const {
    return (from >> static_cast<unsigned>(state) & 1U) != 0;
  }
};

/// The table. Rows of one kind are one row only.
std::span<const Move> moves();
/// The row of an event's kind; none for kinds that are no move of a referral.
const Move* move_of(const wire::EventBody& body);

/// The table as the mermaid diagram of docs/CASEWORK.md, and as its Markdown rows.
std::string moves_as_mermaid();
std::string moves_as_markdown();

}  // namespace liaison::casework
