#pragma once

#include <string>
#include <vector>

#include "casework/case_file.h"
#include "casework/commands.h"
#include "casework/settle.h"

/// For tests: a case as several nodes live through it, with ids and times that repeat.
namespace liaison::casework::testing {

inline NodeId node(const char* id) {
  return NodeId::parse(id).value();
}
inline Instant noon(int day) {
  return std::chrono::sys_days(std::chrono::year(2026) / 5 / static_cast<unsigned>(day)) +
         std::chrono::hours(11);
}

/// One node's part in the case: what it holds, and what it says.
class Party {
 public:
  Party(const char* node_id, UserRole role, const char* name);

  /// Decides as this node's person; keeps and settles what came of it. Returns the new events.
  template <class Command>
  Result<std::vector<wire::Event>> act(const Command& command) {
    auto drafts = decide(view(), actor, command, now);
    if (!drafts) return fail(drafts.error());
    std::vector<wire::Event> said;
    for (const Draft& draft : *drafts)
      said.push_back(say(draft));
    settle_all(said);
    return said;
  }
  /// Keeps events from elsewhere and settles. Returns what this node said to them.
  std::vector<wire::Event> take(const std::vector<wire::Event>& events);
  /// Makes an event of a draft as this node's engine would, and keeps it.
  wire::Event say(const Draft& draft);
  [[nodiscard]] CaseView view() const { return file.fold(); }

  Actor actor;
  CaseFile file;
  Instant now = noon(6);
  std::uint64_t incarnation = 1;

 private:
  void settle_all(std::vector<wire::Event>& said);

  std::uint32_t made_ = 0;
};

CaseId the_case();
ReferralId referral_id(std::uint8_t which = 1);
wire::events::ClientRecord client();
Service service(const char* provider = "able-futures", bool contracted = true);
Refer refer(std::uint8_t which = 1);
/// A small document, another for each `which`.
wire::Attachment document(std::uint8_t which = 1);

/// Office and provider with one referral, received.
struct Story {
  Party office{"jcp-leeds", UserRole::adviser, "Ann Lee"};
  Party provider{"able-futures", UserRole::caseworker, "Rosa Finch"};

  Story();
  /// Everything each holds to the other, and the answers, until nothing is new. The own strand
  /// stays.
  void exchange();
  [[nodiscard]] const ReferralView& at_office();
  [[nodiscard]] const ReferralView& at_provider();
  /// Brings the referral to a state by ordinary commands.
  void bring_to(ReferralState state);

 private:
  CaseView office_view_;
  CaseView provider_view_;
};

wire::events::ExitReport report();

/// All that a view shows of strands, as text: equal texts, equal views.
std::string describe(const CaseView& view);

}  // namespace liaison::casework::testing
