#include "broker/shell/admin_command.h"

/// How the broker stands.
namespace liaison::broker {

namespace {

Result<Json> alarms(Engine::Parts& parts, const Asked&, Now) {
  Json out = Json::array();
  if (parts.store_watch.soundness() == store::Soundness::damaged)
    out.push_back({{"node", Json()},
                   {"raised_at", to_rfc3339(parts.store_check_since)},
                   {"what", parts.store_alarm()}});
  for (const auto& each : parts.core.registry().contested())
    out.push_back(
        {{"node", each.node.text()},
         {"raised_at", to_rfc3339(each.at)},
         {"what", "it says that certificate " + each.certificate.text() +
                      " in its name is not its own: mail goes by the one before; find out "
                      "who issued it with the authority's key, and tell an auditor"}});
  for (const auto& each : parts.outside)
    if (each.is_overdue)
      out.push_back({{"node", Json()},
                     {"raised_at", to_rfc3339(*each.failing_since)},
                     {"what", "the witness " + each.name + " (" + each.url +
                                  ") does not cosign the logs: " + each.trouble}});
  return out;
}

Result<Json> status(Engine::Parts& parts, const Asked&, Now) {
  const auto& core = parts.core;
  std::uint64_t letters = 0;
  std::uint64_t bytes = 0;
  for (std::uint32_t at = 0; at < core.registry().nodes(); ++at) {
    letters += core.mailbox(NodeNumber{at}).letters().letters;
    bytes += core.mailbox(NodeNumber{at}).letters().bytes;
  }
  Json witnesses = Json::array();
  for (const auto& each : parts.outside) {
    witnesses.push_back({{"name", each.name}, {"url", each.url}});
    if (each.cosigned_at) witnesses.back()["cosigned_at"] = to_rfc3339(*each.cosigned_at);
    if (!each.trouble.empty()) witnesses.back()["trouble"] = each.trouble;
  }
  return Json{{"name", parts.config.name},
              {"epoch", core.state().epoch},
              {"recovering", core.state().recovering},
              {"clock_jumped", core.is_resting()},
              {"authority", parts.authority ? "online" : "offline"},
              {"authority_fingerprint", parts.door.authority().fingerprint().text()},
              {"nodes", core.registry().nodes()},
              {"connected", core.sessions()},
              {"registry_entries", core.registry().size()},
              {"revocation_number", core.registry().revocation_number()},
              {"log_entries", core.log_size()},
              {"log_archived", parts.logs.of(LogName::message).store().archived()},
              {"log_key_changes", parts.key_changes.all().size()},
              {"store", parts.store_watch.word()},
              {"witnesses", std::move(witnesses)},
              {"waiting_letters", letters},
              {"waiting_bytes", bytes}};
}

}  // namespace

std::vector<AdminCommand> status_commands() {
  return {
      {"alarms", {}, alarms},
      {"status", {}, status},
  };
}

}  // namespace liaison::broker
