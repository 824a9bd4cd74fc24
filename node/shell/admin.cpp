#include "node/shell/admin.h"

#include <nlohmann/json.hpp>

namespace liaison::node {
namespace {

using nlohmann::json;

json json_of(const std::vector<Alarm>& alarms) {
  json out = json::array();
  for (const auto& alarm : alarms)
    out.push_back({{"id", alarm.id}, {"kind", alarm.kind}, {"text", alarm.text}});
  return out;
}

json json_of(const Status& status) {
  json warnings = json::array();
  for (const auto& alarm : status.alarms)
    warnings.push_back(alarm.text);
  json capabilities = json::array();
  for (auto each : status.capabilities.list())
    capabilities.push_back(liaison::name_of(each));
  json waited = json::array();
  for (const auto& node : status.catching_up_from)
    waited.push_back(node.text());
  return {
      {"node", status.node.text()},
      {"organisation", status.organisation},
      {"role", liaison::name_of(status.role)},
      {"capabilities", capabilities},
      {"link", name_of(status.link)},
      {"link_text", status.link_text},
      {"epoch", status.epoch},
      {"incarnation", status.incarnation},
      {"registry_size", status.registry_size},
      {"registry_current", status.registry_current},
      {"logs_followed", status.logs.are_followed},
      {"log_registry_size", status.logs.registry_size},
      {"log_message_size", status.logs.message_size},
      {"letters_proved", status.logs.letters_proved},
      {"letters_to_be_proved", status.logs.letters_awaited},
      {"letters_never_proved", status.logs.letters_not_placed},
      {"logs_can_be_cosigned", status.logs.can_cosign},
      {"cases", status.cases},
      {"outbox_waiting", status.outbox_waiting},
      {"outbox_unreceipted", status.outbox_unreceipted},
      {"inbox_held", status.inbox_held},
      {"set_aside", status.set_aside},
      {"undelivered", status.undelivered},
      {"frames_unreadable", status.frames_unreadable},
      {"frames_unknown", status.frames_unknown},
      {"signing_until", to_rfc3339(status.signing_until)},
      {"sealing_until",
       status.sealing_until == Instant{} ? json(nullptr) : json(to_rfc3339(status.sealing_until))},
      {"sealing_keys_retired", status.sealing_keys_retired},
      {"keys_unprotected", status.keys_unprotected},
      {"clock_guarded", status.clock_guarded},
      {"catching_up", status.catching_up},
      {"catching_up_from", waited},
      {"warnings", warnings}};
}

std::string refused(const Error& error) {
  return json{{"ok", false}, {"reason", name_of(error.reason)}, {"error", error.text}}.dump();
}
std::string done(json more = json::object()) {
  more["ok"] = true;
  return more.dump();
}
std::string outcome(const Result<void>& result) {
  return result ? done() : refused(result.error());
}

std::string text_of(const json& request, const char* name) {
  auto at = request.find(name);
  return at != request.end() && at->is_string() ? at->get<std::string>() : std::string();
}

bool says(const json& request, const char* name) {
  auto at = request.find(name);
  return at != request.end() && at->is_boolean() && at->get<bool>();
}

json json_of(const AsideView& aside) {
  return {{"letter", aside.letter.text()},
          {"from", aside.sender.text()},
          {"received_at", to_rfc3339(aside.received_at)},
          {"size", aside.size_bytes},
          {"reason", wire::name_of(aside.reason)},
          {"why", aside.why},
          {"can_retry", aside.can_retry}};
}

json json_of(const Engine::Undelivered& each) {
  return {{"event", each.step.event.is_zero() ? json(nullptr) : json(each.step.event.text())},
          {"case", each.case_id.is_zero() ? json(nullptr) : json(each.case_id.text())},
          {"to", each.step.recipient.text()},
          {"kind", each.kind},
          {"queued_at", to_rfc3339(each.step.queued_at)},
          {"reason", each.step.refused ? json(wire::name_of(*each.step.refused)) : json(nullptr)},
          {"sentence",
           each.step.refused ? json(wire::sentence_for(*each.step.refused)) : json(nullptr)}};
}

std::string settle(Engine& engine, const json& request, Now now) {
  auto event = EventId::parse(text_of(request, "event"));
  auto to = NodeId::parse(text_of(request, "to"));
  if (!event || !to)
    return refused({Reason::malformed, "name the event and the node, as undelivered lists them"});
  auto what = text_of(request, "do") == "undelivered-again" ? Engine::SeenOrAgain::again
                                                            : Engine::SeenOrAgain::seen;
  return outcome(engine.settle_undelivered(*event, *to, what, now));
}

std::string override_wait(Engine& engine, const json& request, Now now) {
  if (auto node = NodeId::parse(text_of(request, "node")))
    return outcome(engine.override_catch_up(*node, now));
  if (auto id = CaseId::parse(text_of(request, "case")))
    return outcome(engine.override_catch_up(*id, now));
  return refused({Reason::malformed, "name a node or a case"});
}

}  // namespace

std::string to_json(const Status& status) {
  return json_of(status).dump();
}

std::string answer_admin(Engine& engine, std::string_view text, Now now) {
  auto request = json::parse(text, nullptr, false);
  if (!request.is_object()) return refused({Reason::malformed, "the request is not a JSON object"});
  auto what = text_of(request, "do");
  if (what == "status") return done({{"status", json_of(engine.status(now))}});
  if (what == "alarms") return done({{"alarms", json_of(engine.status(now).alarms)}});
  if (what == "alarms-acknowledge")
    return outcome(engine.acknowledge_alarm(text_of(request, "alarm"), now));
  if (what == "alarms-show") {
    auto evidence = engine.alarm_evidence(text_of(request, "alarm"));
    if (!evidence) return refused(evidence.error());
    return done({{"evidence", std::move(*evidence)}});
  }
  if (what == "aside-list" || what == "aside-show") {
    json list = json::array();
    auto wanted = text_of(request, "letter");
    for (const auto& each : engine.aside())
      if (what == "aside-list" || each.letter.text() == wanted) list.push_back(json_of(each));
    if (what == "aside-list") return done({{"aside", list}});
    if (list.empty())
      return refused({Reason::not_found, "no letter of that id was set aside: see aside list"});
    return done({{"aside", list.front()}});
  }
  if (what == "aside-retry") {
    auto letter = LetterId::parse(text_of(request, "letter"));
    if (!letter) return refused({Reason::malformed, "name the letter, as aside list shows it"});
    return outcome(engine.retry_aside(*letter, now));
  }
  if (what == "aside-drop") {
    if (says(request, "all")) return done({{"dropped", engine.drop_all_aside()}});
    auto letter = LetterId::parse(text_of(request, "letter"));
    if (!letter)
      return refused({Reason::malformed, "name the letter, as aside list shows it, or say all"});
    return outcome(engine.drop_aside(*letter));
  }
  if (what == "undelivered-list") {
    json list = json::array();
    for (const auto& each : engine.undelivered())
      list.push_back(json_of(each));
    return done({{"undelivered", list}});
  }
  if (what == "undelivered-seen" || what == "undelivered-again")
    return settle(engine, request, now);
  if (what == "backup") {
    auto file = text_of(request, "file");
    if (file.empty()) return refused({Reason::malformed, "name the file to write"});
    return outcome(engine.backup(file, now));
  }
  if (what == "confirm-key") {
    auto node = NodeId::parse(text_of(request, "node"));
    auto certificate = Fingerprint::parse(text_of(request, "certificate"));
    if (!node || !certificate)
      return refused({Reason::malformed, "name the node and the certificate's fingerprint"});
    return outcome(engine.confirm_key(*node, *certificate, now));
  }
  if (what == "prove") {
    auto letter = LetterId::parse(text_of(request, "letter"));
    if (!letter) return refused({Reason::malformed, "a letter's id is 32 hexadecimal digits"});
    const auto proof = engine.proof_of(*letter);
    return proof ? done({{"proof", *proof}}) : refused(proof.error());
  }
  if (what == "override") return override_wait(engine, request, now);
  return refused({Reason::unsupported, "this node does not know that request"});
}

}  // namespace liaison::node
