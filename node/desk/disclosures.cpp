#include "node/desk/disclosures.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "node/desk/fields.h"
#include "node/desk/people_store.h"
#include "node/desk/records.h"
#include "web/json.h"

namespace liaison::node {
namespace {

using nlohmann::json;

/// Who has the directory needs no name to act by.
constexpr const char* operator_name = "(operator)";

std::string refused(const Error& error) {
  return web::to_text(
      {{"ok", false}, {"reason", liaison::name_of(error.reason)}, {"error", error.text}});
}

json json_of(const LetterView& about) {
  json cases = json::array();
  for (const auto& each : about.cases)
    cases.push_back(each.text());
  return {{"letter", about.letter.text()},
          {"sender", about.sender.text()},
          {"recipient", about.recipient.text()},
          {"sealed_at", to_rfc3339(about.sealed_at)},
          {"accepted_at", about.accepted_at ? json(to_rfc3339(*about.accepted_at)) : json(nullptr)},
          {"size_bytes", about.size_bytes},
          {"matter", about.matter},
          {"says", about.says},
          {"cases", std::move(cases)},
          {"clients", about.clients}};
}

void trace(Engine& engine, const LetterView& about, const std::string& who, const std::string& what,
           Now now) {
  auto cases = about.cases;
  if (cases.empty()) cases.emplace_back();
  for (const auto& each : cases)
    record_viewing(engine.database_for_writing(), {now.wall, who, each, std::nullopt, what});
}

}  // namespace

std::optional<std::string> answer_disclosures(Engine& engine, std::string_view request, Now now) {
  Fields fields(request);
  const auto what = fields.text("do");
  if (what != "letter-show" && what != "letter-disclose") return std::nullopt;
  const auto id = LetterId::parse(fields.text("letter"));
  if (!id) return refused({Reason::malformed, "a letter's id is 32 hexadecimal digits"});
  auto found = engine.disclosable(*id);
  if (!found) return refused(found.error());
  std::string who = operator_name;
  if (const auto token = fields.text("bearer"); !token.empty())
    if (const auto caller = PeopleStore(engine.database()).bearer(digest_of_token(token), now.wall))
      who = caller->name;
  json out{{"ok", true}, {"letter", json_of(found->about)}};
  if (what == "letter-show") {
    trace(engine, found->about, who, "letter", now);
  } else {
    trace(engine, found->about, who, disclosure_viewing + id->text(), now);
    log::warning("a letter was disclosed by a person", {{"letter", id->text()}, {"by", who}});
    out["disclosure"] = audit::encode(found->disclosure);
  }
  return web::to_text(out);
}

}  // namespace liaison::node
