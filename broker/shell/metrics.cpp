#include <fmt/format.h>

#include "broker/shell/parts.h"
#include "store/database.h"

namespace liaison::broker {

std::string Engine::metrics() const {
  const auto now = counts();
  std::string out;
  const auto line = [&out](const char* name, const char* kind, const char* help,
                           std::uint64_t value) {
    out += fmt::format(
        "# HELP liaison_broker_{0} {2}\n# TYPE liaison_broker_{0} {1}\nliaison_broker_{0} {3}\n",
        name, kind, help, value);
  };
  line("letters_accepted_total", "counter", "Letters accepted since the start.", now.accepted);
  line("letters_refused_total", "counter", "Letters refused since the start.", now.refused);
  out +=
      "# HELP liaison_broker_refusals_total What was refused since the start, by kind and reason.\n"
      "# TYPE liaison_broker_refusals_total counter\n";
  for (const auto& [of, count] : parts_->denials.totals())
    out += fmt::format("liaison_broker_refusals_total{{kind=\"{}\",reason=\"{}\"}} {}\n",
                       name_of(of.first), of.second, count);
  line("letters_delivered_total", "counter", "Letters and reports handed to their recipients.",
       now.delivered);
  line("letters_taken_total", "counter", "Letters and reports that recipients took.", now.taken);
  line("letters_set_aside_total", "counter", "Letters that recipients could not use.",
       now.set_aside);
  line("letters_expired_total", "counter", "Letters not fetched in time.", now.expired);
  line("letters_returned_total", "counter",
       "Letters returned because their recipient was shut out.", now.returned);
  line("strikes_total", "counter", "Frames that could not be read.", now.strikes);
  line("unknown_frames_total", "counter", "Frames of a later version, ignored.",
       now.unknown_frames);
  line("commits_total", "counter", "Transactions committed.", now.commits);
  line("store_damaged", "gauge", "1 when a check of the store found damage.",
       parts_->store_watch.soundness() == store::Soundness::damaged ? 1 : 0);
  line("syncs_total", "counter", "Syncs of the store's files.", database().syncs());
  line("waiting_letters", "gauge", "Letters that wait.", now.waiting_letters);
  line("waiting_bytes", "gauge", "Sealed octets that wait.", now.waiting_bytes);
  line("sessions", "gauge", "Nodes connected.", now.sessions);
  line("nodes", "gauge", "Nodes known, revoked ones included.", now.nodes);
  line("registry_entries", "gauge", "Entries of the registry.", now.registry_entries);
  line("log_entries", "gauge", "Entries of the message log.", now.log_entries);
  line("epoch", "gauge", "Goes up when the broker is restored.", now.epoch);
  line("recovering", "gauge", "1 while a restored broker collects what nodes know.",
       now.recovering ? 1 : 0);
  return out;
}

}  // namespace liaison::broker
