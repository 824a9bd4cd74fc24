#include "tests/scenarios/world.h"

#include <catch2/catch.hpp>

#include "broker/shell/store.h"
#include "certs/authority.h"
#include "crypto/random.h"
#include "node/shell/backup.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/registry_store.h"
#include "node/shell/schema.h"
#include "node/shell/sql.h"

namespace liaison::scenarios {
namespace {

store::Options options(const store::testing::FaultyDisk& disk, const char* path) {
  store::Options out;
  out.path = path;
  out.vfs = disk.vfs();
  return out;
}

/// Not what is said now and then whether anything happens or not.
bool is_news(ByteView frame) {
  return !is<wire::Prove>(frame) && !is<wire::Proofs>(frame) && !is<wire::Cosigned>(frame);
}

std::unique_ptr<store::Database> node_store(const Node& node) {
  return std::make_unique<store::Database>(options(*node.disk, "node.db"), node::schema());
}

}  // namespace

Seeded::Seeded(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {
  crypto::use_entropy(this);
}
Seeded::~Seeded() {
  crypto::use_entropy(nullptr);
}

void Seeded::fill(std::span<std::uint8_t> out) {
  // splitmix64
  for (std::size_t i = 0; i < out.size(); i += 8) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    z ^= z >> 31U;
    for (std::size_t j = 0; j < 8 && i + j < out.size(); ++j)
      out[i + j] = static_cast<std::uint8_t>(z >> (8 * j));
  }
}

World::World(std::uint64_t seed)
    : entropy(std::make_unique<Seeded>(seed)),
      broker_disk(
          std::make_unique<store::testing::FaultyDisk>("broker-" + std::to_string(seed), seed)) {
  store::testing::seed_sqlite(static_cast<std::uint32_t>(seed));
  clock.wall = *parse_rfc3339("2026-05-04T09:00:00Z");
  clock.steady = std::chrono::hours(1);
  authority_ = certs::Authority::make("invented exchange", clock.wall);
  broker_config.curve = crypto::CurvePair::generate().public_key();
  broker_config.log_key = crypto::Ed25519Key::generate();
  {
    auto database = std::make_unique<store::Database>(options(*broker_disk, "broker.db"),
                                                      broker::Store::schema());
    broker::Engine::found(*database, *authority_, clock);
  }
  start_broker();
}

World::~World() {
  for (auto& [id, node] : nodes_)
    node->engine.reset();
  broker.reset();
}

Now World::now(const Node& node) const {
  return {clock.wall + node.clock_ahead, clock.steady};
}

void World::start_broker() {
  auto database = std::make_unique<store::Database>(options(*broker_disk, "broker.db"),
                                                    broker::Store::schema());
  broker = std::make_unique<broker::Engine>(broker_config, std::move(database), authority_,
                                            *entropy, clock);
}

void World::take_away(Node& node) {
  node.may_connect = false;
  disconnect(node);
}

void World::kill_broker() {
  for (auto& [id, node] : nodes_)
    disconnect(*node);
  broker_disk->kill();
  broker.reset();
}

void World::restore_broker(const store::testing::FaultyDisk::Image& image) {
  if (broker) kill_broker();
  broker_disk->restore(image);
  {
    store::Database database(options(*broker_disk, "broker.db"), broker::Store::schema());
    broker::Engine::mark_restored(database, clock);
  }
  start_broker();
}

void World::alter_broker(const std::function<void(store::Database&)>& alter) {
  kill_broker();
  {
    store::Database database(options(*broker_disk, "broker.db"), broker::Store::schema());
    store::Transaction transaction(database);
    alter(database);
    transaction.commit();
  }
  start_broker();
}

void World::change_log_key() {
  const auto key = crypto::Ed25519Key::generate();
  REQUIRE(broker->change_log_key(key, "root", clock));
  broker_config.log_key = key;
}

Node& World::join(const std::string& id, NodeRole role, const std::string& organisation) {
  auto node = std::make_unique<Node>();
  node->id = *NodeId::parse(id);
  node->role = role;
  node->organisation = organisation;
  node->disk = std::make_unique<store::testing::FaultyDisk>(id, 7);
  auto& out = *nodes_.emplace(id, std::move(node)).first->second;
  enrol(out, broker::InviteOrder::Kind::join);
  return out;
}

void World::lose(Node& node, crypto::KeyVault keys) {
  if (node.engine) kill(node);
  node.disk->wipe();
  enrol(node, broker::InviteOrder::Kind::rejoin, std::move(keys));
}

void World::enrol(Node& node, broker::InviteOrder::Kind kind, crypto::KeyVault keys) {
  node.keys = std::move(keys);
  broker::InviteOrder order;
  order.enrolment = {node.id, node.organisation, node.role, {}};
  order.kind = kind;
  auto invitation = broker->invite(order, "root", clock);
  REQUIRE(invitation);
  if (invited) invited(*invitation);
  auto request = node::prepare_join(*node.keys, *invitation);
  auto answer = broker->join(request, request.curve_key, clock);
  REQUIRE(std::holds_alternative<wire::Joined>(answer));
  {
    auto database = node_store(node);
    REQUIRE(node::complete_join(*database, *node.keys, *invitation, std::get<wire::Joined>(answer),
                                clock));
  }
  start(node);
}

void World::start(Node& node, node::LastEnd last) {
  node.engine = std::make_unique<node::Engine>(node_config, node_store(node), *node.keys, *entropy,
                                               now(node));
  node.engine->starts_after(last);
}

// A process that ends is not told that its connection went.
void World::kill(Node& node) {
  node.disk->kill();
  node.engine.reset();
  disconnect(node);
}

void World::power_off(Node& node) {
  node.disk->crash();
  node.engine.reset();
  disconnect(node);
}

void World::restore_node(Node& node, const store::testing::FaultyDisk::Image& image) {
  restore_node(node, image, keys_in_backup(node));
}

crypto::KeyVault World::keys_in_backup(const Node& node) {
  auto out = crypto::KeyVault::in_memory();
  for (const auto& name : node.keys->names()) {
    if (name.rfind(node::sealing_key_prefix, 0) == 0) continue;
    if (auto key = node.keys->private_key(name)) {
      out.keep(name, *key);
    } else if (auto ed = node.keys->ed25519(name)) {
      out.keep(name, *ed);
    } else if (name == node::curve_key) {
      out.keep(name, *node.keys->curve(name));
    } else if (auto secret = node.keys->secret(name)) {
      out.keep(name, *secret);
    }
  }
  return out;
}

void World::restore_node(Node& node, const store::testing::FaultyDisk::Image& image,
                         crypto::KeyVault keys) {
  if (node.engine) kill(node);
  node.disk->restore(image);
  node.keys = std::move(keys);
  {
    auto database = node_store(node);
    node::Sql sql(*database);
    node::RegistryStore registry(sql);
    store::Transaction change(*database);
    node::mark_restored(registry);
    change.commit();
  }
  start(node);
}

void World::disconnect(Node& node) {
  if (node.connection == 0) return;
  if (broker) broker->closed(ConnectionId{node.connection}, clock);
  connections_.erase(node.connection);
  node.connection = 0;
  node.to_node.clear();
  if (node.engine) node.engine->disconnected(now(node));
}

void World::connect(Node& node) {
  if (node.connection != 0 || !node.engine || !broker || !node.may_connect) return;
  auto admitted = broker->admitted(clock);
  if (!std::binary_search(admitted.begin(), admitted.end(), node.engine->curve().public_key()))
    return;
  node.connection = next_connection_++;
  connections_.emplace(node.connection, &node);
  node.engine->connected(now(node));
}

bool World::carry() {
  bool any = false;
  for (auto& [id, node] : nodes_) {
    connect(*node);
    if (!node->engine) continue;
    while (!node->to_node.empty()) {
      auto frame = std::move(node->to_node.front());
      node->to_node.pop_front();
      if (drop && drop(*node, frame, true)) continue;
      if (rewrite) rewrite(*node, frame);
      node->engine->frame(frame, now(*node));
      any = any || is_news(frame);
    }
    auto turn = node->engine->turn(now(*node));
    any = any || turn.more;
    for (auto& frame : turn.frames) {
      if (node->connection == 0 || !broker) break;
      if (drop && drop(*node, frame, false)) continue;
      ++frames;
      any = any || is_news(frame);
      broker->frame(ConnectionId{node->connection}, node->engine->curve().public_key(), frame,
                    clock);
    }
    if (turn.hang_up) {
      if (!turn.redial) node->may_connect = false;
      disconnect(*node);
    }
  }
  if (!broker) return any;
  auto turn = broker->turn(clock);
  for (auto& send : turn.sends) {
    auto at = connections_.find(static_cast<std::uint64_t>(send.to));
    if (at == connections_.end()) continue;
    ++frames;
    any = any || is_news(send.frame);
    at->second->to_node.push_back(std::move(send.frame));
  }
  for (auto drop_of : turn.drops) {
    auto at = connections_.find(static_cast<std::uint64_t>(drop_of));
    if (at == connections_.end()) continue;
    auto& node = *at->second;
    while (!node.to_node.empty()) {
      node.engine->frame(node.to_node.front(), now(node));
      node.to_node.pop_front();
    }
    auto last = node.engine->turn(now(node));
    if (last.hang_up && !last.redial) node.may_connect = false;
    disconnect(node);
  }
  return any;
}

void World::step() {
  carry();
  pass(std::chrono::milliseconds(1));
}

void World::pass(Duration time) {
  clock.wall += time;
  clock.steady += time;
}

void World::run(Duration patience, int steps_max) {
  Duration quiet{};
  for (int i = 0; i < steps_max && quiet < patience; ++i) {
    bool any = carry();
    // When nothing moves, time goes on faster: back-offs and gathering receipts are waited out.
    auto by = any ? std::chrono::milliseconds(1) : std::chrono::milliseconds(100);
    quiet = any ? Duration{} : quiet + by;
    pass(by);
  }
}

casework::Actor adviser(const Node& node) {
  return {node.id, "asha", wire::UserRole::adviser, "Asha Invented"};
}
casework::Actor caseworker(const Node& node) {
  return {node.id, "ken", wire::UserRole::caseworker, "Ken Invented"};
}

wire::events::ClientRecord invented_client() {
  wire::events::ClientRecord client;
  client.given_name = "Invented";
  client.family_name = "Person";
  client.phone = "0113 496 0000";
  client.postcode = "LS1 4AP";
  return client;
}

CaseId add_client(World& world, Node& office) {
  auto now = world.now(office);
  auto actor = adviser(office);
  auto made = office.engine->act_on_new_case(
      actor,
      [&](const casework::CaseView& view) {
        return casework::decide(
            view, actor, casework::OpenCase{invented_client(), wire::Handling::ordinary}, now.wall);
      },
      now);
  if (!made) FAIL(made.error().text);
  return made->front().case_id;
}

ReferralId refer(World& world, Node& office, const CaseId& id, const Node& provider,
                 const std::vector<node::NewAttachment>& attachments) {
  auto now = world.now(office);
  auto actor = adviser(office);
  casework::Refer command;
  command.id = office.engine->fresh_referral();
  command.service.provider = provider.id;
  command.service.id = "cmp";
  command.service.name = "Condition management";
  command.service.contracted = true;
  command.input.need = "Managing pain at work";
  command.input.hoped_for = {"Back to work part time"};
  wire::Ground ground;
  ground.basis = wire::Basis::agreed;
  ground.how = "in person";
  ground.purpose = "this referral";
  command.input.share = {{{"name", "phone"}, ground}};
  command.idempotency_key = command.id.text();
  for (const auto& each : attachments)
    command.attachments.push_back(each.about);
  auto made = office.engine->act(
      id, actor,
      [&](const casework::CaseView& view) {
        return casework::decide(view, actor, command, now.wall);
      },
      now, attachments);
  if (!made) FAIL(made.error().text);
  return command.id;
}

void accept(World& world, Node& provider, const CaseId& id, const ReferralId& of) {
  casework::Accept command;
  command.referral = of;
  if (auto made = act(world, provider, id, caseworker(provider), command); !made)
    FAIL(made.error().text);
}

const casework::ReferralView* referral(Node& node, const ReferralId& id) {
  auto of = node.engine->case_of(id);
  if (!of) return nullptr;
  auto view = node.engine->case_view(*of);
  return view ? (*view)->referral(id) : nullptr;
}

std::string state_of(Node& node, const ReferralId& id) {
  const auto* view = referral(node, id);
  return view == nullptr ? "none" : casework::name_of(view->state);
}

std::string delivery_of(Node& node, const CaseId& id, const ReferralId& of) {
  auto steps = node.engine->delivery_of(id, of);
  return steps.empty() ? "none" : node::name_of_step(steps.front());
}

}  // namespace liaison::scenarios
