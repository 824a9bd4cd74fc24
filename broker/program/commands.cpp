#include "broker/program/commands.h"

#include "broker/program/words.h"

namespace liaison::broker {

void add_commands(CLI::App& app) {
  app.require_subcommand(1);
  app.footer("Example:\n  liaison-broker status --dir /var/lib/liaison/broker");
  add_init(app);
  add_serve(app);
  add_invite(app);
  add_listing(
      app, "nodes", "nodes", "The nodes of the exchange",
      {"id", "role", "organisation", "state", "connected", "waiting", "certificate_expires"});
  add_revoke(app);
  add_policy(app);
  add_quota(app);
  add_listing(app, "alarms", "alarms", "Alarms that stand: what a person must look at",
              {"node", "raised_at", "what"});
  add_users(app);
  add_mailboxes(app);
  add_status(app);
  add_listing(app, "pending", "pending", "Requests that wait for an offline authority",
              {"node", "reason", "asked_at"});
  add_import(app);
  add_backup(app);
  add_rotate_log_key(app);
  add_archive(app);
}

}  // namespace liaison::broker
