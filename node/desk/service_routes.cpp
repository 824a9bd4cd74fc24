#include <charconv>
#include <nlohmann/json.hpp>

#include "node/desk/routes.h"
#include "web/json.h"
#include "web/metrics.h"

namespace liaison::node {
namespace {

using web::Request;
using web::Response;

Response health(Desk& desk, const Request&, const Caller&) {
  Response out;
  out.body = web::to_text({{"status", "serving"}, {"link", name_of(desk.recent_status()->link)}});
  return out;
}

Response metrics(Desk& desk, const Request&, const Caller&) {
  const auto recent = desk.recent_status();
  const auto& status = *recent;
  web::MetricsText text;
  const auto number = [](auto value) { return static_cast<double>(value); };
  text.gauge("liaison_link_ready", "1 while the exchange has welcomed this node",
             status.link == LinkState::ready ? 1 : 0)
      .gauge("liaison_cases", "Cases held here", number(status.cases))
      .gauge("liaison_outbox_waiting", "Items not yet accepted by the exchange",
             number(status.outbox_waiting))
      .gauge("liaison_outbox_unreceipted", "Items accepted, without the recipient's receipt",
             number(status.outbox_unreceipted))
      .gauge("liaison_inbox_held", "Letters that wait for what is needed to judge them",
             number(status.inbox_held))
      .gauge("liaison_set_aside", "Letters that could not be used", number(status.set_aside))
      .gauge("liaison_undelivered", "Items that ended without delivery and nobody has seen",
             number(status.undelivered))
      .counter("liaison_frames_unreadable_total", "Frames from the exchange that could not be read",
               number(status.frames_unreadable))
      .counter("liaison_frames_unknown_total", "Frames of a kind this version does not know",
               number(status.frames_unknown))
      .gauge("liaison_registry_size", "Entries of the exchange's registry here",
             number(status.registry_size));
  Response out;
  out.content_type = "text/plain; version=0.0.4";
  out.body = text.text();
  return out;
}

Response changes(Desk& desk, const Request& request, const Caller&) {
  Response out;
  out.changes = desk.changes();
  out.may_listen = desk.still_signed_in(request);
  out.since = desk.changes()->newest();
  const auto last = request.header("Last-Event-ID");
  std::from_chars(last.data(), last.data() + last.size(), out.since);
  return out;
}

}  // namespace

std::vector<DeskRoute> service_routes() {
  return {
      reads("/healthz", {}, "health",
            "Whether the node serves, and how its link stood within the last second", "Health",
            health),
      reads("/metrics", {}, "metrics",
            "Counters as Prometheus text, at most a second old; nothing about clients", "Text",
            metrics),
      reads("/api/v1/changes", everyone, "changes",
            "Server-sent events: `case` with the ids of a case that changed and of its referrals, "
            "`changed` when something else did (the directory, the link), `reset` when some were "
            "missed. It ends, within 15 seconds, when the token or session does",
            "EventStream", changes),
  };
}

}  // namespace liaison::node
