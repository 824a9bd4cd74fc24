#include "casework/codes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "casework/actor.h"

namespace liaison::casework {
namespace {

namespace ev = wire::events;

/// The codes of an enumeration whose members run on from `first`; `field` is how an error calls it.
template <class T>
struct Codes;

template <>
struct Codes<wire::Handling> {
  static constexpr const char* field = "handling";
  static constexpr std::size_t first = 0;
  static constexpr std::array<const char*, 2> names{"ordinary", "safe_contact"};
};
template <>
struct Codes<wire::Basis> {
  static constexpr const char* field = "basis";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 3> names{"required", "agreed", "safety"};
};
template <>
struct Codes<wire::Standard> {
  static constexpr const char* field = "standard";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 7> names{
      "acknowledged", "meeting_offered", "meeting_attended", "started_or_outcome",
      "action_plan",  "progress",        "exit_report"};
};
template <>
struct Codes<ev::Route> {
  static constexpr const char* field = "route";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 4> names{"formal", "informal", "signpost", "self"};
};
template <>
struct Codes<ev::Urgency> {
  static constexpr const char* field = "urgency";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 3> names{"routine", "soon", "urgent"};
};
template <>
struct Codes<ev::Refusal> {
  static constexpr const char* field = "refusal";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 4> names{"finished", "not_possible", "not_authorised",
                                                    "other"};
};
template <>
struct Codes<ev::DeclineReason> {
  static constexpr const char* field = "reason";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 11> names{"no_capacity",
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
struct Codes<ev::Progress> {
  static constexpr const char* field = "progress";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 6> names{"event_scheduled",      "event_unattended",
                                                    "event_cancelled",      "event_completed",
                                                    "awaiting_information", "as_planned"};
};
template <>
struct Codes<ev::NotAttended> {
  static constexpr const char* field = "not_attended";
  static constexpr std::size_t first = 0;
  static constexpr std::array<const char*, 8> names{
      "none", "ill", "forgot", "caring", "transport", "too_late", "appointment_not_known", "other"};
};
template <>
struct Codes<ev::Hope> {
  static constexpr const char* field = "result";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 3> names{"achieved", "partly", "not_achieved"};
};
template <>
struct Codes<ev::OutcomeCode> {
  static constexpr const char* field = "outcome";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 12> names{"work_16_hours_and_over",
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
struct Codes<ev::EndReason> {
  static constexpr const char* field = "reason";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 10> names{
      "client_left", "client_not_reached", "not_suitable", "illness", "service_closed", "work",
      "died",        "terminal_illness",   "moved_abroad", "other"};
};
template <>
struct Codes<ev::WithdrawnBy> {
  static constexpr const char* field = "by";
  static constexpr std::size_t first = 1;
  static constexpr std::array<const char*, 2> names{"adviser", "client"};
};
template <>
struct Codes<wire::UserRole> {
  static constexpr const char* field = "role";
  static constexpr std::size_t first = 0;
  static constexpr std::array<const char*, 7> names{
      "node", "adviser", "specialist", "manager", "administrator", "caseworker", "practitioner"};
};

template <class T>
const char* code(T value) {
  auto at = static_cast<std::size_t>(value);
  constexpr std::size_t first = Codes<T>::first;
  return at >= first && at - first < Codes<T>::names.size() ? Codes<T>::names[at - first] : "";
}

std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Edits that turn one into the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

}  // namespace

const char* name_of(wire::Handling value) {
  return code(value);
}
const char* name_of(wire::Basis value) {
  return code(value);
}
const char* name_of(wire::Standard value) {
  return code(value);
}
const char* name_of(ev::Route value) {
  return code(value);
}
const char* name_of(ev::Urgency value) {
  return code(value);
}
const char* name_of(ev::Refusal value) {
  return code(value);
}
const char* name_of(ev::DeclineReason value) {
  return code(value);
}
const char* name_of(ev::Progress value) {
  return code(value);
}
const char* name_of(ev::NotAttended value) {
  return code(value);
}
const char* name_of(ev::Hope value) {
  return code(value);
}
const char* name_of(ev::OutcomeCode value) {
  return code(value);
}
const char* name_of(ev::EndReason value) {
  return code(value);
}
const char* name_of(ev::WithdrawnBy value) {
  return code(value);
}
const char* name_of(wire::UserRole value) {
  return code(value);
}

template <class T>
std::string codes_of() {
  std::string out;
  for (const char* name : Codes<T>::names)
    out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

template <class T>
Result<T> parse(std::string_view text) {
  std::string wanted = plain(shorten(text));
  const auto& names = Codes<T>::names;
  auto at = std::ranges::find_if(names, [&](const char* name) { return wanted == name; });
  if (at != names.end())
    return static_cast<T>(static_cast<std::size_t>(at - names.begin()) + Codes<T>::first);
  return fail(Reason::malformed,
              std::string(Codes<T>::field) + ": \"" + wanted + "\" is none of " + codes_of<T>());
}

Result<UserRole> parse_user_role(std::string_view text) {
  auto role = parse<wire::UserRole>(text);
  if (role && *role == UserRole::none)
    return fail(Reason::malformed, "role: a person has one of " + codes_of<UserRole>());
  return role;
}

template Result<wire::Handling> parse<wire::Handling>(std::string_view);
template std::string codes_of<wire::Handling>();
template Result<wire::Basis> parse<wire::Basis>(std::string_view);
template std::string codes_of<wire::Basis>();
template Result<wire::Standard> parse<wire::Standard>(std::string_view);
template std::string codes_of<wire::Standard>();
template Result<ev::Route> parse<ev::Route>(std::string_view);
template std::string codes_of<ev::Route>();
template Result<ev::Urgency> parse<ev::Urgency>(std::string_view);
template std::string codes_of<ev::Urgency>();
template Result<ev::Refusal> parse<ev::Refusal>(std::string_view);
template std::string codes_of<ev::Refusal>();
template Result<ev::DeclineReason> parse<ev::DeclineReason>(std::string_view);
template std::string codes_of<ev::DeclineReason>();
template Result<ev::Progress> parse<ev::Progress>(std::string_view);
template std::string codes_of<ev::Progress>();
template Result<ev::NotAttended> parse<ev::NotAttended>(std::string_view);
template std::string codes_of<ev::NotAttended>();
template Result<ev::Hope> parse<ev::Hope>(std::string_view);
template std::string codes_of<ev::Hope>();
template Result<ev::OutcomeCode> parse<ev::OutcomeCode>(std::string_view);
template std::string codes_of<ev::OutcomeCode>();
template Result<ev::EndReason> parse<ev::EndReason>(std::string_view);
template std::string codes_of<ev::EndReason>();
template Result<ev::WithdrawnBy> parse<ev::WithdrawnBy>(std::string_view);
template std::string codes_of<ev::WithdrawnBy>();
template Result<wire::UserRole> parse<wire::UserRole>(std::string_view);
template std::string codes_of<wire::UserRole>();

std::string cut(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return std::string(text);
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0U) == 0x80U)
    --size_max;
  return std::string(text.substr(0, size_max));
}

std::string shorten(std::string_view text, std::size_t size_max) {
  std::string out = cut(text, size_max);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

std::string_view nearest(std::string_view given, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = given.size() / 3 + 2;
  std::string wanted = plain(shorten(given));
  for (std::string_view name : known) {
    std::size_t far = distance(wanted, name);
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

}  // namespace liaison::casework
