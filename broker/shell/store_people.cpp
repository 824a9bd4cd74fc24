#include "base/check.h"
#include "broker/shell/store.h"

/// Invitations, requests that wait for an offline authority, and the exchange's administrators.
namespace liaison::broker {

namespace {

std::string text_of(Capabilities capabilities) {
  std::string out;
  for (auto each : capabilities.list())
    out += (out.empty() ? "" : " ") + std::string(name_of(each));
  return out;
}

Capabilities capabilities_from(std::string_view text) {
  Capabilities out;
  for (auto each : {Capability::authority, Capability::health})
    if (text.find(name_of(each)) != std::string_view::npos) out.add(each);
  return out;
}

NodeId node_from(std::string_view text) {
  auto node = NodeId::parse(text);
  LIAISON_CHECK(node.has_value());
  return *node;
}

}  // namespace

void Store::keep_invitation(const InvitationRow& row) {
  database_.prepare("INSERT OR REPLACE INTO invitation VALUES (?,?,?,?,?,?,?,?)")
      .run(row.node, row.secret, row.organisation, name_of(row.role), text_of(row.capabilities),
           row.expires, row.rejoin ? 1 : 0, row.used_by);
}

void Store::drop_invitation(const NodeId& node) {
  database_.prepare("DELETE FROM invitation WHERE node = ?").run(node);
}

std::optional<InvitationRow> Store::invitation(const NodeId& node) {
  auto find = database_.prepare("SELECT * FROM invitation WHERE node = ?");
  auto rows = find.query(node);
  if (!rows.next()) return std::nullopt;
  InvitationRow out;
  out.node = node;
  out.secret = rows.id<Digest>(1);
  out.organisation = std::string(rows.text(2));
  out.role = parse_role(rows.text(3)).value_or(NodeRole::adviser);
  out.capabilities = capabilities_from(rows.text(4));
  out.expires = rows.instant(5);
  out.rejoin = rows.boolean(6);
  if (!rows.is_null(7)) out.used_by = rows.id<CurveKey>(7);
  return out;
}

void Store::keep_pending(const PendingRow& row) {
  database_.prepare("INSERT OR REPLACE INTO pending VALUES (?,?,?,?,?,?)")
      .run(row.node, static_cast<int>(row.reason), row.request, row.previous, row.continuity,
           row.at);
}

void Store::drop_pending(const NodeId& node) {
  database_.prepare("DELETE FROM pending WHERE node = ?").run(node);
}

std::vector<PendingRow> Store::pending() {
  auto find = database_.prepare("SELECT * FROM pending ORDER BY node");
  std::vector<PendingRow> out;
  for (auto rows = find.query(); rows.next();)
    out.push_back({node_from(rows.text(0)), static_cast<wire::IssueReason>(rows.int64(1)),
                   copy_of(rows.blob(2)), rows.id<Fingerprint>(3), copy_of(rows.blob(4)),
                   rows.instant(5)});
  return out;
}

void Store::keep_user(const UserRow& row) {
  database_.prepare("INSERT OR REPLACE INTO user VALUES (?,?,?,?)")
      .run(row.name, row.password, row.disabled ? 1 : 0, row.created_at);
}

std::vector<UserRow> Store::users() {
  auto find = database_.prepare("SELECT * FROM user ORDER BY name");
  std::vector<UserRow> out;
  for (auto rows = find.query(); rows.next();)
    out.push_back(
        {std::string(rows.text(0)), std::string(rows.text(1)), rows.boolean(2), rows.instant(3)});
  return out;
}

}  // namespace liaison::broker
