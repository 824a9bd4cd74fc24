#include "broker/shell/policy_json.h"

#include <nlohmann/json.hpp>

namespace liaison::broker {

namespace {

using Json = nlohmann::json;

std::string text_of(const Party& party) {
  if (party.node) return "node:" + party.node->text();
  if (party.role) return std::string("role:") + name_of(*party.role);
  return "*";
}

const char* text_of(Verdict verdict) {
  return verdict == Verdict::allow ? "allow" : "deny";
}

Result<Party> party_from(const Json& value) {
  Party out;
  const auto text = value.is_string() ? value.get<std::string>() : "";
  if (text == "*") return out;
  if (text.rfind("role:", 0) == 0) {
    if (auto role = parse_role(text.substr(5))) {
      out.role = *role;
      return out;
    }
  } else if (text.rfind("node:", 0) == 0) {
    if (auto node = NodeId::parse(text.substr(5))) {
      out.node = *node;
      return out;
    }
  }
  return fail(Reason::malformed,
              "a party is \"*\", \"role:adviser\", \"role:provider\" or \"node:ID\"");
}

Result<Verdict> verdict_from(const Json& value) {
  const auto text = value.is_string() ? value.get<std::string>() : "";
  if (text == "allow") return Verdict::allow;
  if (text == "deny") return Verdict::deny;
  return fail(Reason::malformed, "a verdict is \"allow\" or \"deny\"");
}

Result<PolicyRule> rule_from(const Json& value) {
  if (!value.is_object()) return fail(Reason::malformed, "it is not an object");
  for (const auto& [key, ignored] : value.items())
    if (key != "from" && key != "to" && key != "verdict")
      return fail(Reason::malformed, "unknown field \"" + key + "\"");
  PolicyRule out;
  auto from = party_from(value.value("from", Json("*")));
  if (!from) return fail(Reason::malformed, "from: " + from.error().text);
  auto to = party_from(value.value("to", Json("*")));
  if (!to) return fail(Reason::malformed, "to: " + to.error().text);
  auto verdict = verdict_from(value.value("verdict", Json()));
  if (!verdict) return fail(Reason::malformed, "verdict: " + verdict.error().text);
  out.from = *from;
  out.to = *to;
  out.verdict = *verdict;
  return out;
}

}  // namespace

std::string to_json_text(const Policy& policy) {
  Json rules = Json::array();
  for (const auto& rule : policy.rules)
    rules.push_back({{"from", text_of(rule.from)},
                     {"to", text_of(rule.to)},
                     {"verdict", text_of(rule.verdict)}});
  return Json{{"otherwise", text_of(policy.otherwise)}, {"rules", rules}}.dump();
}

Result<Policy> policy_from_json(std::string_view text) {
  const auto value = Json::parse(text, nullptr, false);
  if (!value.is_object()) return fail(Reason::malformed, "the policy is not a JSON object");
  for (const auto& [key, ignored] : value.items())
    if (key != "otherwise" && key != "rules")
      return fail(Reason::malformed, "policy: unknown field \"" + key + "\"");
  Policy out;
  if (value.contains("otherwise")) {
    auto verdict = verdict_from(value["otherwise"]);
    if (!verdict) return fail(Reason::malformed, "otherwise: " + verdict.error().text);
    out.otherwise = *verdict;
  }
  if (!value.contains("rules")) return out;
  const auto& rules = value["rules"];
  if (!rules.is_array() || rules.size() > policy_rules_max)
    return fail(Reason::malformed, "rules: a list of at most " + std::to_string(policy_rules_max));
  for (std::size_t at = 0; at < rules.size(); ++at) {
    auto rule = rule_from(rules[at]);
    if (!rule)
      return fail(Reason::malformed, "rule " + std::to_string(at + 1) + ": " + rule.error().text);
    out.rules.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace liaison::broker
