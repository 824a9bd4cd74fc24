#include <catch2/catch.hpp>

#include "audit/growth.h"
#include "audit/hash.h"
#include "audit/proof_file.h"
#include "audit/tree.h"
#include "broker/shell/logs.h"
#include "node/shell/followed_logs.h"
#include "tests/scenarios/world.h"
#include "wire/log_entry.h"

using namespace liaison;
using namespace liaison::scenarios;
using wire::LogName;

namespace {

std::vector<std::string> log_alarms(World& world, Node& node) {
  std::vector<std::string> out;
  for (const auto& alarm : node.engine->status(world.now(node)).alarms)
    if (alarm.kind.rfind("log_", 0) == 0 || alarm.kind.rfind("registry_", 0) == 0)
      out.push_back(alarm.kind);
  return out;
}

node::LogsView logs_of(World& world, Node& node) {
  return node.engine->status(world.now(node)).logs;
}

/// Every letter of the broker's message log that was accepted: of how many the node keeps a proof
/// that stands alone (c2sp.org/tlog-proof).
std::size_t proved(World& world, Node& node) {
  auto& message = world.broker->logs().of(LogName::message);
  node::Sql sql(node.engine->database());
  node::LogStore store(sql);
  const std::vector<audit::NoteKey> keys{message.key()};
  std::size_t out = 0;
  for (const auto& octets : message.store().entries(0, 10'000)) {
    const auto entry = wire::decode_log_entry(octets).value();
    if (entry.kind != wire::LogKind::accepted) continue;
    const auto proof = store.proof(entry.letter);
    if (!proof) continue;
    const audit::ProofFile file{std::nullopt, proof->leaf, proof->hashes,
                                audit::parse_note(proof->note).value()};
    CHECK(audit::check(file, octets, keys));
    CHECK((entry.sender == node.id || entry.recipient == node.id));
    ++out;
  }
  return out;
}

/// The message log as a broker gone bad shows it to one node: with something else in one place.
class OtherLog {
 public:
  OtherLog(World& world, std::uint64_t altered) : world_(world), altered_(altered) {}

  wire::Proofs answer(const wire::Prove& asked, const wire::Proofs& honest) const {
    auto entries = world_.broker->logs().of(LogName::message).store().entries(0, 10'000);
    const auto note = audit::parse_note(honest.message_checkpoint).value();
    auto checkpoint = audit::parse_checkpoint(note.text).value();
    entries.resize(checkpoint.size);
    if (altered_ < entries.size()) entries[altered_].push_back('!');
    const auto subtrees = [&](unsigned height, std::uint64_t index) -> Result<Digest> {
      audit::Tree tree;
      const auto width = std::uint64_t{1} << height;
      for (auto at = index * width; at < (index + 1) * width; ++at)
        tree.append(audit::leaf_hash(entries.at(at)));
      return tree.root();
    };
    audit::Tree tree;
    for (const auto& entry : entries)
      tree.append(audit::leaf_hash(entry));
    checkpoint.root = tree.root();
    auto out = honest;
    out.cosign = false;  // which the honest broker behind it would take for garbage
    out.message_checkpoint =
        audit::encode(audit::sign(checkpoint, *world_.broker_config.log_key).note);
    if (asked.from <= checkpoint.size)
      out.growth =
          audit::prove_growth(asked.from, checkpoint.size, honest.leaves, subtrees).value();
    for (auto& each : out.older_message)
      each.consistency = audit::prove_consistency(each.size, checkpoint.size, subtrees).value();
    return out;
  }

 private:
  World& world_;
  std::uint64_t altered_;
};

/// From now on the node is shown that log.
void show_other_log(World& world, const NodeId& to, std::uint64_t altered) {
  auto asked = std::make_shared<wire::Prove>();
  world.drop = [asked, to](const Node& node, ByteView frame, bool to_node) {
    if (node.id != to || to_node) return false;
    if (auto decoded = wire::decode_frame(frame))
      if (auto* prove = std::get_if<wire::Prove>(&*decoded)) *asked = *prove;
    return false;
  };
  world.rewrite = [&world, asked, to, altered](const Node& node, Bytes& frame) {
    if (node.id != to) return;
    auto decoded = wire::decode_frame(frame);
    if (!decoded) return;
    if (auto* proofs = std::get_if<wire::Proofs>(&*decoded))
      frame = wire::encode(OtherLog(world, altered).answer(*asked, *proofs));
  };
}

std::uint64_t log_size(World& world) {
  return world.broker->counts().log_entries;
}

}  // namespace

TEST_CASE("each letter is proved to be in the log, to its sender and to its recipient",
          "[scenario]") {
  Two world(90);
  CHECK(world.leeds().engine->installation().log_keys.size() == 1);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::seconds(5));
  accept(world, world.able(), id, of);
  world.run(std::chrono::seconds(5));
  for (auto* node : {&world.leeds(), &world.able()}) {
    const auto logs = logs_of(world, *node);
    CHECK(logs.are_followed);
    CHECK(logs.letters_awaited == 0);
    CHECK(logs.letters_proved >= 4);
    CHECK(logs.letters_proved == proved(world, *node));
    CHECK(logs.message_size > 0);
    CHECK(logs.registry_size > 0);
    CHECK(log_alarms(world, *node).empty());
  }
  CHECK(proved(world, world.leeds()) + proved(world, world.able()) ==
        2 * world.broker->counts().accepted);
}

TEST_CASE("proofs go on where they were after each side's restart", "[scenario]") {
  Two world(91);
  world.drop = [](const Node&, ByteView frame, bool) { return is<wire::Proofs>(frame); };
  const auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::seconds(5));
  CHECK(logs_of(world, world.leeds()).letters_proved == 0);
  CHECK(logs_of(world, world.leeds()).letters_awaited > 0);
  world.kill(world.leeds());
  world.kill_broker();
  world.drop = nullptr;
  world.start_broker();
  world.start(world.leeds());
  world.run(std::chrono::seconds(15));
  CHECK(logs_of(world, world.leeds()).letters_awaited == 0);
  CHECK(logs_of(world, world.leeds()).letters_proved == proved(world, world.leeds()));
  const auto size = logs_of(world, world.leeds()).message_size;
  CHECK(size > 0);
  world.kill(world.leeds());
  world.start(world.leeds());
  CHECK(logs_of(world, world.leeds()).message_size == size);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::seconds(15));
  CHECK(logs_of(world, world.leeds()).message_size > size);
  CHECK(logs_of(world, world.leeds()).letters_awaited == 0);
  for (auto* node : {&world.leeds(), &world.able()})
    CHECK(log_alarms(world, *node).empty());
}

TEST_CASE("a letter that the exchange does not prove to be in its log is an alarm", "[scenario]") {
  Two world(92);
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.leeds().id) return;
    auto decoded = wire::decode_frame(frame);
    auto* proofs = decoded ? std::get_if<wire::Proofs>(&*decoded) : nullptr;
    if (proofs == nullptr) return;
    // As if nothing of it had been asked for.
    proofs->leaves.clear();
    proofs->growth = world.broker->logs()
                         .answer({world.broker->counts().epoch, proofs->from, {}, {}, {}})
                         ->growth;
    frame = wire::encode(*proofs);
  };
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::seconds(30));
  CHECK(log_alarms(world, world.leeds()).empty());
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, world.leeds()) == std::vector<std::string>{"log_unproved"});
  CHECK(log_alarms(world, world.able()).empty());
  world.rewrite = nullptr;
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, world.leeds()).empty());
}

TEST_CASE(
    "of a letter whose place in the log has something else it is said, and the others are "
    "proved",
    "[scenario]") {
  Two world(93);
  world.run(std::chrono::seconds(5));
  // The first of the letters that come now, as the office is shown it.
  show_other_log(world, world.leeds().id, log_size(world));
  for (int letters = 0; letters < 5; ++letters)
    refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(1));
  CHECK(log_alarms(world, world.leeds()) == std::vector<std::string>{"log_unproved"});
  const auto logs = logs_of(world, world.leeds());
  CHECK(logs.letters_awaited == 0);
  CHECK(logs.letters_proved > 3);
}

TEST_CASE("a proof that was spoilt and comes again unasked ends no process", "[scenario]") {
  Two world(99);
  world.run(std::chrono::seconds(5));
  std::optional<std::uint64_t> leaf;
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.leeds().id) return;
    auto decoded = wire::decode_frame(frame);
    auto* proofs = decoded ? std::get_if<wire::Proofs>(&*decoded) : nullptr;
    if (proofs == nullptr) return;
    if (!leaf && !proofs->leaves.empty()) {
      leaf = proofs->leaves.front();
      proofs->leaves = {*leaf};
      proofs->growth = {Digest{}};
      frame = wire::encode(*proofs);
    } else if (leaf) {
      const auto epoch = world.broker->counts().epoch;
      frame = wire::encode(*world.broker->logs().answer({epoch, proofs->from, {*leaf}, {}, {}}));
    }
  };
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(2));
  REQUIRE(leaf);
  world.rewrite = nullptr;
  world.run(std::chrono::minutes(3));
  CHECK(log_alarms(world, world.leeds()) == std::vector<std::string>{"log_unproved"});
  CHECK(logs_of(world, world.leeds()).letters_awaited == 0);
}

TEST_CASE("nodes that are shown different logs find out by writing to each other", "[scenario]") {
  Two world(94);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run(std::chrono::seconds(5));
  // What the office wrote to the charity is another letter in the log that the provider is shown.
  const auto altered = log_size(world);
  refer(world, world.leeds(), add_client(world, world.leeds()), charity);
  show_other_log(world, world.able().id, altered);
  world.run(std::chrono::minutes(2));
  for (auto* node : {&world.leeds(), &world.able(), &charity})
    CHECK(log_alarms(world, *node).empty());
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, world.able()) == std::vector<std::string>{"log_fork"});
  // What it says next tells the other side, too.
  accept(world, world.able(), id, of);
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, world.leeds()) == std::vector<std::string>{"log_fork"});
  CHECK(log_alarms(world, charity).empty());
  // The evidence is two notes that the exchange's key signed.
  node::Sql sql(world.able().engine->database());
  const auto findings = node::LogStore(sql).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().evidence.find("liaison/") != findings.front().evidence.rfind("liaison/"));
}

TEST_CASE("a node whose view of the logs stands still learns it from what others write",
          "[scenario]") {
  Two world(95);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(1));
  // It is answered, as before, for ever.
  Bytes last;
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.able().id || !is<wire::Proofs>(frame)) return;
    if (last.empty()) last = frame;
    frame = last;
  };
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, world.able()).empty());
  for (int letters = 0; letters < 3; ++letters) {
    refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
    world.run(std::chrono::seconds(20));
  }
  world.run(std::chrono::minutes(2));
  const auto alarms = log_alarms(world, world.able());
  CHECK(std::count(alarms.begin(), alarms.end(), "log_frozen") > 0);
  CHECK(log_alarms(world, world.leeds()).empty());
}

TEST_CASE("a log that was rewritten is not followed", "[scenario]") {
  Two world(96);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(1));
  const auto size = logs_of(world, world.leeds()).message_size;
  REQUIRE(size > 2);
  show_other_log(world, world.leeds().id, 1);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(2));
  const auto alarms = log_alarms(world, world.leeds());
  CHECK(std::count(alarms.begin(), alarms.end(), "log_fork") == 1);
  CHECK(logs_of(world, world.leeds()).message_size == size);
}

TEST_CASE("a copy of the registry that is not what the exchange signed is asked for anew",
          "[scenario]") {
  Two world(97);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  bool lies = true;
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (!lies || node.id != charity.id) return;
    auto decoded = wire::decode_frame(frame);
    auto* entries = decoded ? std::get_if<wire::Entries>(&*decoded) : nullptr;
    if (entries == nullptr || entries->entries.empty()) return;
    entries->entries.back().at += std::chrono::seconds(1);
    frame = wire::encode(*entries);
  };
  for (int steps = 0; steps < 3000 && log_alarms(world, charity).empty(); ++steps) {
    world.step();
    world.pass(std::chrono::milliseconds(100));
  }
  CHECK(log_alarms(world, charity) == std::vector<std::string>{"registry_fork"});
  lies = false;
  world.run(std::chrono::minutes(2));
  CHECK(logs_of(world, charity).registry_size == world.broker->counts().registry_entries);
}

TEST_CASE("a restored exchange is a break, and no fork", "[scenario]") {
  Two world(98);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::seconds(10));
  const auto backup = world.broker_disk->image();
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::seconds(10));
  world.restore_broker(backup);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(15), 40000);
  for (auto* node : {&world.leeds(), &world.able()}) {
    CHECK(log_alarms(world, *node).empty());
    const auto logs = logs_of(world, *node);
    CHECK(logs.letters_awaited == 0);
    CHECK(logs.message_size > 0);
  }
}

TEST_CASE("who writes from a later epoch than this node knows of was shown another exchange",
          "[scenario]") {
  Two world(66);
  const auto image = world.broker_disk->image();
  const auto before = world.broker->counts().epoch;
  // One node is told that all is as it was; it takes its letters all the same.
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.able().id) return;
    auto decoded = wire::decode_frame(frame);
    auto* welcome = decoded ? std::get_if<wire::Welcome>(&*decoded) : nullptr;
    if (welcome == nullptr) return;
    welcome->epoch = before;
    frame = wire::encode(*welcome);
  };
  world.restore_broker(image);
  world.run(std::chrono::minutes(20), 20000);
  REQUIRE(world.broker->counts().epoch > before);
  REQUIRE(logs_of(world, world.leeds()).registry_size > 0);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  const auto raises = [&](Node& node, const std::string& kind) {
    return std::ranges::count_if(node.engine->status(world.now(node)).alarms,
                                 [&](const auto& alarm) { return alarm.kind == kind; });
  };
  CHECK(raises(world.able(), "epoch_later") == 1);
  CHECK(raises(world.leeds(), "epoch_later") == 0);
  // When it is told the truth it is of one epoch with the others; back again it is said so, and
  // what it was shown there counts no more.
  world.rewrite = nullptr;
  world.disconnect(world.able());
  world.run();
  CHECK(raises(world.able(), "epoch_back") == 0);
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.leeds().id) return;
    auto decoded = wire::decode_frame(frame);
    auto* welcome = decoded ? std::get_if<wire::Welcome>(&*decoded) : nullptr;
    if (welcome == nullptr) return;
    welcome->epoch = before;
    frame = wire::encode(*welcome);
  };
  world.disconnect(world.leeds());
  world.run();
  CHECK(raises(world.leeds(), "epoch_back") == 1);
  CHECK_FALSE(world.leeds().engine->peer(world.able().id)->reachable);
  world.rewrite = nullptr;
  world.disconnect(world.leeds());
  world.run();
  CHECK(world.leeds().engine->peer(world.able().id)->reachable);
}
