#include "node/shell/followed_logs.h"

/// What is shown of the logs as this node follows them, and what of them needs a person.
namespace liaison::node {
namespace {

using wire::LogName;

std::string id_of(const LogStore::Finding& finding) {
  return "log-" + std::to_string(finding.place);
}

}  // namespace

LogsView FollowedLogs::view(Now now) {
  LogsView out;
  out.are_followed = keys_.any();
  out.registry_size = registry_tree_.size();
  out.message_size = messages_.size();
  out.letters_proved = store_.proved();
  out.letters_awaited = watch_.awaited();
  out.letters_not_placed = registry_.number(not_placed_meta);
  out.letters_overdue = watch_.unshown(now);
  out.can_cosign = witness_.has_value();
  return out;
}

std::vector<Alarm> FollowedLogs::alarms(Now now) {
  std::vector<Alarm> out;
  if (!keys_.any()) {
    out.push_back({"logs_not_followed",
                   "the invitation of this node did not name the key of the exchange's logs: "
                   "nothing of them is checked; join again with a newer invitation (--rejoin)",
                   ""});
    return out;
  }
  for (auto& each : store_.findings()) {
    auto id = id_of(each);
    out.push_back({std::move(each.kind), std::move(each.text), std::move(id)});
  }
  if (const auto count = watch_.unshown(now); count > 0)
    out.push_back({"log_unproved",
                   std::to_string(count) +
                       " letters that the exchange says it accepted are not shown to be in its "
                       "message log: ask its operator",
                   ""});
  for (const auto log : {LogName::registry, LogName::message})
    for (const auto& each : watch_.unseen(log, now))
      out.push_back({"log_frozen",
                     std::string("this node is not shown the ") + wire::name_of(log) +
                         " log that " + each.from.text() +
                         " was shown: ask the exchange's operator",
                     ""});
  for (const auto& [who, note] : strange_)
    if (watch_.has_waited(note.since, now))
      out.push_back({"log_key_unknown",
                     who.first.text() + " was shown a " + wire::name_of(who.second) +
                         " log that is signed by a key which this node does not know, or makes "
                         "that up: ask the exchange's operator",
                     ""});
  if (const auto& newest = of(LogName::message); newest && keys_.are_replaced(newest->note))
    out.push_back({"log_key_former",
                   "the exchange signs its logs by a key that it had replaced: it was restored "
                   "from before that; ask its operator to change the key again",
                   ""});
  if (watch_.is_registry_late(now))
    out.push_back({"registry_unlogged",
                   "the exchange told this node of certificates that it has not signed in its "
                   "registry's log; they are not used: ask its operator",
                   ""});
  if (registry_short_since_ && watch_.has_waited(*registry_short_since_, now))
    out.push_back({"registry_withheld",
                   "the exchange has signed more of its registry than it tells this node: ask its "
                   "operator",
                   ""});
  return out;
}

std::optional<LogStore::Finding> FollowedLogs::finding(const std::string& id) {
  for (auto& each : store_.findings())
    if (id_of(each) == id) return std::move(each);
  return std::nullopt;
}

bool FollowedLogs::acknowledge(const std::string& id) {
  const auto known = finding(id);
  return known && store_.drop_finding(known->place);
}

std::optional<std::string> FollowedLogs::evidence(const std::string& id) {
  auto known = finding(id);
  return known ? std::optional(std::move(known->evidence)) : std::nullopt;
}

}  // namespace liaison::node
