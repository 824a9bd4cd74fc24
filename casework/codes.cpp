#include "casework/codes.h"

#include <algorithm>

#include "base/text.h"
#include "casework/actor.h"

namespace liaison::casework {
namespace {

namespace ev = wire::events;

/// The codes of an enumeration whose members run on from `first`; `field` is how an error calls it.
struct Table {
  const char* field;
  std::size_t first;
  std::span<const std::string_view> names;
};
template <class T>
struct Names;
template <class T>
constexpr Table table{Names<T>::field, Names<T>::first, Names<T>::codes};

template <>
struct Names<wire::Handling> {
  static constexpr const char* field = "handling";
  static constexpr std::size_t first = 0;
  static constexpr std::string_view codes[] = {"ordinary", "safe_contact"};
};
template <>
struct Names<wire::Basis> {
  static constexpr const char* field = "basis";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"required", "agreed", "safety"};
};
template <>
struct Names<wire::Standard> {
  static constexpr const char* field = "standard";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {
      "acknowledged", "meeting_offered", "meeting_attended", "started_or_outcome",
      "action_plan",  "progress",        "exit_report"};
};
template <>
struct Names<ev::Route> {
  static constexpr const char* field = "route";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"formal", "informal", "signpost", "self"};
};
template <>
struct Names<ev::Urgency> {
  static constexpr const char* field = "urgency";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"routine", "soon", "urgent"};
};
template <>
struct Names<ev::Refusal> {
  static constexpr const char* field = "refusal";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"finished", "not_possible", "not_authorised",
                                               "other"};
};
template <>
struct Names<ev::DeclineReason> {
  static constexpr const char* field = "reason";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"no_capacity",
                                               "out_of_area",
                                               "not_eligible",
                                               "need_not_met_here",
                                               "insufficient_information",
                                               "already_helped_elsewhere",
                                               "already_in_work",
                                               "safety",
                                               "client_not_reached",
                                               "client_declined",
                                               "other"};
};
template <>
struct Names<ev::Progress> {
  static constexpr const char* field = "progress";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"event_scheduled",      "event_unattended",
                                               "event_cancelled",      "event_completed",
                                               "awaiting_information", "as_planned"};
};
template <>
struct Names<ev::NotAttended> {
  static constexpr const char* field = "not_attended";
  static constexpr std::size_t first = 0;
  static constexpr std::string_view codes[] = {
      "none", "ill", "forgot", "caring", "transport", "too_late", "appointment_not_known", "other"};
};
template <>
struct Names<ev::Hope> {
  static constexpr const char* field = "result";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"achieved", "partly", "not_achieved"};
};
template <>
struct Names<ev::OutcomeCode> {
  static constexpr const char* field = "outcome";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"work_16_hours_and_over",
                                               "work_under_16_hours",
                                               "self_employment",
                                               "returned_to_own_job",
                                               "permitted_work",
                                               "volunteering",
                                               "work_trial_or_placement",
                                               "training_or_education",
                                               "condition_managed_better",
                                               "practical_problem_solved",
                                               "moved_on_to_another_service",
                                               "completed_without_further_step"};
};
template <>
struct Names<ev::EndReason> {
  static constexpr const char* field = "reason";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {
      "client_left", "client_not_reached", "not_suitable", "illness", "service_closed", "work",
      "died",        "terminal_illness",   "moved_abroad", "other"};
};
template <>
struct Names<ev::WithdrawnBy> {
  static constexpr const char* field = "by";
  static constexpr std::size_t first = 1;
  static constexpr std::string_view codes[] = {"adviser", "client"};
};
template <>
struct Names<wire::UserRole> {
  static constexpr const char* field = "role";
  static constexpr std::size_t first = 0;
  static constexpr std::string_view codes[] = {
      "node", "adviser", "specialist", "manager", "administrator", "caseworker", "practitioner"};
};

std::string_view code_of(const Table& table, std::size_t value) {
  return value >= table.first && value - table.first < table.names.size()
             ? table.names[value - table.first]
             : std::string_view("");
}

std::string codes_in(const Table& table) {
  std::string out;
  for (const auto name : table.names)
    out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

Result<std::size_t> value_of(const Table& table, std::string_view text) {
  const auto wanted = plain_code(shorten(shown_safely(text)));
  const auto at = std::ranges::find(table.names, wanted);
  if (at != table.names.end())
    return static_cast<std::size_t>(at - table.names.begin()) + table.first;
  return fail(Reason::malformed,
              std::string(table.field) + ": \"" + wanted + "\" is none of " + codes_in(table));
}

}  // namespace

template <class T>
std::string codes_of() {
  return codes_in(table<T>);
}

template <class T>
Result<T> parse(std::string_view text) {
  const auto value = value_of(table<T>, text);
  if (!value) return fail(value.error());
  return static_cast<T>(*value);
}

// What the headers declare for each enumeration.
#define LIAISON_CODES(Enumeration)                                              \
  const char* name_of(Enumeration value) {                                      \
    return code_of(table<Enumeration>, static_cast<std::size_t>(value)).data(); \
  }                                                                             \
  template std::string codes_of<Enumeration>();                                 \
  template Result<Enumeration> parse<Enumeration>(std::string_view);

LIAISON_CODES(wire::Handling)
LIAISON_CODES(wire::Basis)
LIAISON_CODES(wire::Standard)
LIAISON_CODES(ev::Route)
LIAISON_CODES(ev::Urgency)
LIAISON_CODES(ev::Refusal)
LIAISON_CODES(ev::DeclineReason)
LIAISON_CODES(ev::Progress)
LIAISON_CODES(ev::NotAttended)
LIAISON_CODES(ev::Hope)
LIAISON_CODES(ev::OutcomeCode)
LIAISON_CODES(ev::EndReason)
LIAISON_CODES(ev::WithdrawnBy)
LIAISON_CODES(wire::UserRole)

#undef LIAISON_CODES

Result<UserRole> parse_user_role(std::string_view text) {
  auto role = parse<wire::UserRole>(text);
  if (role && *role == UserRole::none)
    return fail(Reason::malformed, "role: a person has one of " + codes_of<UserRole>());
  return role;
}

}  // namespace liaison::casework
