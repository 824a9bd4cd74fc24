#include <map>

#include "casework/kinds.h"
#include "casework/referral_moves.h"

// The table of moves as docs/CASEWORK.md shows it; a test holds the document to it.

namespace liaison::casework {
namespace {

/// "withdrawal_requested" for a kind's place in the variant.
template <std::size_t... Kind>
const char* kind_name(std::size_t wanted, std::index_sequence<Kind...>) {
  const char* name = "";
  static_cast<void>(((Kind == wanted &&
                      (name = wire::name_of(wire::EventBody(std::in_place_index<Kind>)), true)) ||
                     ...));
  return name;
}
const char* kind_name(std::size_t kind) {
  return kind_name(kind, std::make_index_sequence<std::variant_size_v<wire::EventBody>>());
}

std::string states_of(const Move& move) {
  std::string out;
  for (std::size_t i = 0; i < referral_states; ++i) {
    auto state = static_cast<ReferralState>(i);
    if (move.starts_in(state)) out += (out.empty() ? "" : ", ") + std::string(name_of(state));
  }
  return out;
}

const char* text_of(Mover mover) {
  switch (mover) {
    case Mover::office:
      return "office";
    case Mover::provider:
      return "provider";
    case Mover::provider_node:
      return "provider's node";
  }
  return "";
}

std::string condition_of(const Move& move) {
  switch (move.guard) {
    case Guard::none:
      return "";
    case Guard::if_started:
      return "it was started";
    case Guard::if_asked:
      return "a question is open";
    case Guard::unless_acknowledged:
      return "nobody there has reacted yet";
    case Guard::cites_proposal:
      return std::string("cites ") + kind_name(move.cites);
  }
  return "";
}

}  // namespace

std::string moves_as_mermaid() {
  // One arrow for each pair of states, with all the moves that make it.
  std::map<std::pair<std::size_t, std::size_t>, std::string> arrows;
  auto arrow = [&arrows](ReferralState from, ReferralState to, std::string_view action) {
    std::string& label = arrows[{static_cast<std::size_t>(from), static_cast<std::size_t>(to)}];
    label += (label.empty() ? "" : ", ") + std::string(action);
  };
  for (const Move& move : moves()) {
    for (std::size_t i = 0; i < referral_states; ++i) {
      auto from = static_cast<ReferralState>(i);
      if (!move.starts_in(from)) continue;
      if (move.leads == Leads::to) arrow(from, move.to, move.action);
      if (move.leads == Leads::back) {
        arrow(from, ReferralState::accepted, move.action);
        arrow(from, ReferralState::started, move.action);
      }
    }
  }
  std::string out = "stateDiagram-v2\n  [*] --> draft\n";
  for (const auto& [pair, label] : arrows) {
    out += std::string("  ") + name_of(static_cast<ReferralState>(pair.first)) + " --> " +
           name_of(static_cast<ReferralState>(pair.second)) + ": " + label + "\n";
  }
  return out;
}

std::string moves_as_markdown() {
  std::string out = "| Event | Said by | As | In | Leads to | If |\n|---|---|---|---|---|---|\n";
  for (const Move& move : moves()) {
    std::string leads = move.leads == Leads::to     ? name_of(move.to)
                        : move.leads == Leads::back ? "the state before the pause"
                                                    : "";
    out += std::string("| ") + kind_name(move.kind) + " | " + text_of(move.mover) + " | " +
           std::string(move.action) + " | " + states_of(move) + " | " + leads + " | " +
           condition_of(move) + " |\n";
  }
  return out;
}

}  // namespace liaison::casework
