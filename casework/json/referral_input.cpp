#include <algorithm>

#include "base/text.h"
#include "casework/codes.h"
#include "casework/json/casework_json.h"
#include "casework/json/reader.h"
#include "casework/text.h"

// referral.json of `refer`, and the exit report of `complete` and `end`.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

constexpr std::size_t referral_json_max = 128 * 1024;

void read_share(const Json& value, const std::string& path, std::optional<Error>& error,
                ReferralInput& out) {
  Reader reader(value, path, error);
  reader.only({"items", "basis", "how", "purpose", "until", "reason", "decided_by", "client_told"});
  ItemsOnGround share;
  reader.texts("items", share.items);
  if (share.items.empty())
    reader.complain("items", "is missing; name what is shared, such as [\"name\", \"phone\"]");
  if (reader.find("basis") == nullptr) {
    std::string named = share.items.empty()
                            ? std::string()
                            : " (" + share.items.front() + " and what goes with it)";
    reader.complain("basis", "is missing; nothing is shared without one" + named +
                                 ": say required, agreed or safety");
  }
  reader.code("basis", share.ground.basis, &parse<wire::Basis>);
  reader.text("how", share.ground.how);
  reader.text("purpose", share.ground.purpose);
  reader.date("until", share.ground.until);
  reader.text("reason", share.ground.reason, ev::text_max);
  reader.text("decided_by", share.ground.decided_by);
  reader.flag("client_told", share.ground.client_told);
  out.share.push_back(std::move(share));
}

void read_answers(Reader& reader, ReferralInput& out) {
  const Json* answers = reader.find("answers");
  if (answers == nullptr) return;
  if (!answers->is_object())
    return reader.complain("answers", "must be an object: what the service asks, and the answer");
  if (answers->size() > ev::list_max) return reader.complain("answers", "has too many entries");
  for (const auto& [key, value] : answers->items()) {
    ev::IntakeAnswer answer{slug(key), ""};
    std::string name = "answers." + shorten(shown_safely(key));
    if (answer.requirement.empty() || answer.requirement.size() > ev::line_max) {
      return reader.complain(name.c_str(), "is not the name of something a service asks");
    }
    if (value.is_string()) {
      answer.answer = value.get<std::string>();
    } else if (value.is_boolean()) {
      answer.answer = value.get<bool>() ? "yes" : "no";
    } else if (value.is_number()) {
      answer.answer = value.dump();
    } else {
      return reader.complain(name.c_str(), "must be text, a number, true or false");
    }
    if (answer.answer.size() > ev::text_max) return reader.complain(name.c_str(), "is over 8 KiB");
    if (const auto unfit = unfit_character(answer.answer, Lines::many); !unfit.empty())
      return reader.complain(name.c_str(), "holds a character that is not text (" + unfit + ")");
    out.answers.push_back(std::move(answer));
  }
}

void read_hopes(Reader& reader, ev::ExitReport& report) {
  auto add = [&](const std::string& name, const std::string& hope, const std::string& result) {
    auto parsed = parse<ev::Hope>(result);
    if (!parsed) return reader.complain(name.c_str(), "is none of " + codes_of<ev::Hope>());
    report.hopes.push_back({hope, *parsed});
  };
  const Json* hopes = reader.find("hopes");
  if (hopes == nullptr) return;
  if (hopes->size() > ev::hopes_max) return reader.complain("hopes", "has too many entries");
  if (hopes->is_object()) {
    for (const auto& [hope, result] : hopes->items()) {
      if (!unfit_character(hope, Lines::one).empty())
        return reader.complain("hopes", "names a hope that is not one line of text");
      add("hopes." + shorten(hope), hope,
          result.is_string() ? result.get<std::string>() : std::string());
    }
    return;
  }
  if (!hopes->is_array())
    return reader.complain("hopes", "must be a list of {\"hoped_for\": ..., \"result\": ...}");
  for (std::size_t i = 0; i < hopes->size(); ++i) {
    std::string path = reader.path_of("hopes") + "[" + std::to_string(i) + "].";
    Reader entry((*hopes)[i], path, reader.error());
    entry.only({"hoped_for", "result"});
    std::string hope;
    std::string result;
    entry.text("hoped_for", hope, ev::hope_max);
    entry.text("result", result);
    if (!reader.good()) return;
    add("hopes[" + std::to_string(i) + "].result", hope, result);
  }
}

void read_outcomes(Reader& reader, ev::ExitReport& report) {
  const Json* outcomes = reader.list("outcomes", ev::outcomes_max);
  if (outcomes == nullptr) return;
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    std::string name = "outcomes[" + std::to_string(i) + "]";
    ev::Outcome outcome;
    if ((*outcomes)[i].is_string()) {
      auto code = parse<ev::OutcomeCode>((*outcomes)[i].get<std::string>());
      if (!code) return reader.complain(name.c_str(), "is none of " + codes_of<ev::OutcomeCode>());
      outcome.code = *code;
    } else {
      Reader entry((*outcomes)[i], reader.path_of(name.c_str()) + ".", reader.error());
      entry.only({"code", "on", "note"});
      if (entry.find("code") == nullptr)
        entry.complain("code", "is missing; it is one of " + codes_of<ev::OutcomeCode>());
      entry.code("code", outcome.code, &parse<ev::OutcomeCode>);
      entry.date("on", outcome.on);
      entry.text("note", outcome.note, ev::text_max);
    }
    report.outcomes.push_back(std::move(outcome));
  }
}

bool looks_like_json(std::string_view text) {
  auto at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

}  // namespace

Result<ReferralInput> parse_referral(std::string_view text) {
  auto json = parse_json(text, referral_json_max, "the referral");
  if (!json) return fail(json.error());
  ReferralInput out;
  std::optional<Error> error;
  Reader reader(*json, "", error);
  if (reader.find("items") != nullptr) {
    reader.complain(
        "items",
        "has no basis; put it under \"share\": [{\"items\": [...], \"basis\": \"agreed\"}]");
  }
  reader.only({"need", "hoped_for", "effects", "tried", "urgency", "answers", "share",
               "override_reason", "adviser"});
  reader.text("need", out.need, ev::text_max);
  reader.texts("hoped_for", out.hoped_for, ev::hopes_max, ev::hope_max);
  reader.text("effects", out.effects, ev::text_max);
  reader.text("tried", out.tried, ev::text_max);
  reader.code("urgency", out.urgency, &parse<ev::Urgency>);
  reader.text("override_reason", out.override_reason, ev::text_max);
  read_answers(reader, out);
  if (const Json* shares = reader.list("share", ev::dues_max)) {
    for (std::size_t i = 0; i < shares->size(); ++i) {
      read_share((*shares)[i], "share[" + std::to_string(i) + "].", error, out);
    }
  }
  if (const Json* value = reader.find("adviser")) {
    Reader adviser(*value, "adviser.", error);
    adviser.only({"name", "organisation", "phone", "email"});
    adviser.text("name", out.adviser.name);
    adviser.text("organisation", out.adviser.organisation);
    adviser.text("phone", out.adviser.phone);
    adviser.text("email", out.adviser.email);
  }
  if (error) return fail(*error);
  return out;
}

Result<ev::ExitReport> parse_exit_report(std::string_view text) {
  ev::ExitReport report;
  if (!looks_like_json(text)) {
    if (text.size() > ev::text_max) return fail(Reason::too_large, "report: is over 8 KiB");
    if (!is_utf8(text)) return fail(Reason::malformed, "report: is not UTF-8");
    if (const auto unfit = unfit_character(text, Lines::many); !unfit.empty())
      return fail(Reason::malformed, "report: holds a character that is not text (" + unfit + ")");
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
      text.remove_suffix(1);
    report.what_was_done = std::string(text);
    return report;
  }
  auto json = parse_json(text, referral_json_max, "the exit report");
  if (!json) return fail(json.error());
  std::optional<Error> error;
  Reader reader(*json, "", error);
  reader.only({"hopes", "outcomes", "what_was_done", "what_next", "client_saw_it"});
  read_hopes(reader, report);
  read_outcomes(reader, report);
  reader.text("what_was_done", report.what_was_done, ev::text_max);
  reader.text("what_next", report.what_next, ev::text_max);
  reader.flag("client_saw_it", report.client_saw_it);
  if (error) return fail(*error);
  return report;
}

}  // namespace liaison::casework
