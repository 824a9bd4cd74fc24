#include "casework/referral_moves.h"

#include <algorithm>
#include <array>

#include "base/deliberate_bug.h"
#include "casework/codes.h"
#include "casework/kinds.h"

namespace liaison::casework {
namespace {

namespace ev = wire::events;
using S = ReferralState;

constexpr std::uint32_t set() {
  return 0;
}
template <class... More>
constexpr std::uint32_t set(S first, More... more) {
  return (1U << static_cast<unsigned>(first)) | set(more...);
}

constexpr std::uint32_t taken_on = set(S::accepted, S::started);
constexpr std::uint32_t with_provider = set(S::received, S::accepted, S::started, S::paused);
constexpr std::uint32_t open = set(S::requested) | with_provider;
constexpr std::uint32_t after_receipt =
    with_provider |
    set(S::declined, S::completed, S::ended_early, S::withdrawn, S::entered_in_error);

template <class Kind>
constexpr Move stays(std::string_view action, Mover mover, std::uint32_t from,
                     Guard guard = Guard::none) {
  return {kind_of<Kind>, action, mover, from, Leads::nowhere, S::draft, guard, 0};
}
template <class Kind>
constexpr Move leads(std::string_view action, Mover mover, std::uint32_t from, S to,
                     Guard guard = Guard::none, std::size_t cites = 0) {
  return {kind_of<Kind>, action, mover, from, Leads::to, to, guard, cites};
}

constexpr std::array table{
    leads<ev::Requested>("refer", Mover::office, set(S::draft), S::requested),
    leads<ev::Received>("receive", Mover::provider_node, set(S::requested), S::received),
    stays<ev::Acknowledged>("acknowledge", Mover::provider, set(S::received),
                            Guard::unless_acknowledged),
    stays<ev::Asked>("ask", Mover::provider, with_provider),
    stays<ev::Answered>("answer", Mover::office, with_provider, Guard::if_asked),
    stays<ev::DetailsGiven>("give", Mover::office, open),
    stays<ev::AttachmentAdded>("attach", Mover::office, open),
    stays<ev::Taken>("take", Mover::provider_node, with_provider),
    stays<ev::Refused>("refuse", Mover::provider_node, after_receipt),
    stays<ev::Waiting>("wait", Mover::provider, set(S::received, S::accepted)),
    leads<ev::Accepted>("accept", Mover::provider, set(S::received), S::accepted),
    stays<ev::WorkerNamed>("worker", Mover::provider, set(S::accepted, S::started, S::paused)),
    leads<ev::Declined>("decline", Mover::provider, set(S::received, S::accepted), S::declined),
    leads<ev::Started>("start", Mover::provider, set(S::accepted), S::started),
    stays<ev::Progressed>("progress", Mover::provider, taken_on),
    stays<ev::PauseRequested>("pause", Mover::office, taken_on),
    leads<ev::Paused>("pause", Mover::provider, taken_on, S::paused),
    stays<ev::ResumeRequested>("resume", Mover::office, set(S::paused)),
    Move{kind_of<ev::Resumed>, "resume", Mover::provider, set(S::paused), Leads::back, S::draft,
         Guard::none, 0},
    leads<ev::Completed>("complete", Mover::provider, set(S::started), S::completed),
    leads<ev::EndedEarly>("end", Mover::provider, set(S::started, S::paused), S::ended_early,
                          Guard::if_started),
    stays<ev::WithdrawalRequested>("withdraw", Mover::office, open),
    leads<ev::Withdrawn>("withdraw", Mover::provider, with_provider, S::withdrawn,
                         Guard::cites_proposal, kind_of<ev::WithdrawalRequested>),
    stays<ev::ErrorClaimed>("error", Mover::office, open | set(S::declined, S::withdrawn)),
    leads<ev::EnteredInError>("error", Mover::provider,
                              with_provider | set(S::declined, S::withdrawn), S::entered_in_error,
                              Guard::cites_proposal, kind_of<ev::ErrorClaimed>),
    stays<ev::DeciderTakenOver>("take_over", Mover::office, open),
};

constexpr std::array<const char*, referral_states> names{
    "draft",  "requested", "received",    "accepted",  "declined",        "started",
    "paused", "completed", "ended_early", "withdrawn", "entered_in_error"};
constexpr std::array<const char*, referral_states> codes{
    "draft",   "requested", "received", "accepted",  "rejected",        "in-progress",
    "on-hold", "completed", "failed",   "cancelled", "entered-in-error"};

}  // namespace

const char* name_of(ReferralState state) {
  return names[static_cast<std::size_t>(state)];
}
const char* code_of(ReferralState state) {
  return codes[static_cast<std::size_t>(state)];
}

Result<ReferralState> parse_referral_state(std::string_view text) {
  auto at = std::ranges::find(names, text);
  if (at != names.end()) return static_cast<ReferralState>(at - names.begin());
  std::string all;
  for (const char* name : names)
    all += (all.empty() ? "" : ", ") + std::string(name);
  return fail(Reason::malformed,
              "state: there is no state \"" + shorten(text) + "\"; there are: " + all);
}

bool is_final(ReferralState state) {
  switch (state) {
    case S::declined:
    case S::completed:
    case S::ended_early:
    case S::withdrawn:
    case S::entered_in_error:
      return true;
    case S::draft:
    case S::requested:
    case S::received:
    case S::accepted:
    case S::started:
    case S::paused:
      return false;
  }
  return false;
}

bool is_finished(ReferralState state) {
  return state == S::completed || state == S::ended_early;
}

std::span<const Move> moves() {
  if (LIAISON_BUG(withdraw_undoes_completion)) {
    static constexpr auto loose = [] {
      auto rows = table;
      for (Move& row : rows) {
        if (row.kind == kind_of<ev::Withdrawn>) row.from |= set(S::completed);
      }
      return rows;
    }();
    return loose;
  }
  return table;
}

const Move* move_of(const wire::EventBody& body) {
  for (const Move& move : moves()) {
    if (move.kind == body.index()) return &move;
  }
  return nullptr;
}

}  // namespace liaison::casework
