#include <algorithm>
#include <catch2/catch.hpp>

#include "node/shell/admin.h"
#include "node/shell/keys.h"
#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

bool holds(const Bytes& file, const std::string& text) {
  return std::search(file.begin(), file.end(), text.begin(), text.end()) != file.end();
}

}  // namespace

TEST_CASE("nothing of a client lies in plain on a node's disk", "[scenario]") {
  Two world(31);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  for (auto* node : {&world.leeds(), &world.able()})
    for (const auto& [name, octets] : node->disk->image().files)
      for (const char* planted :
           {"Invented Person", "0113 496 0000", "LS1 4AP", "Managing pain", "Back to work"}) {
        INFO(name << " " << planted);
        CHECK_FALSE(holds(octets, planted));
      }
  for (const auto& [name, octets] : world.broker_disk->image().files)
    CHECK_FALSE(holds(octets, "0113 496 0000"));
}

TEST_CASE("a node that was shut out does not come back, and what it sent before is not taken",
          "[scenario]") {
  Two world(32);
  REQUIRE(
      world.broker->revoke(world.able().id, "invented reason", std::nullopt, "root", world.clock));
  world.run();
  CHECK(world.able().engine->status(world.now(world.able())).link == node::LinkState::revoked);
  CHECK_FALSE(world.able().may_connect);
  CHECK(world.leeds().engine->peer(world.able().id)->revoked);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) == "refused");
  CHECK(world.leeds().engine->undelivered().front().step.refused ==
        wire::RefusalReason::recipient_revoked);
  CHECK(world.leeds().engine->status(world.now(world.leeds())).outbox_waiting == 0);
}

TEST_CASE("what one shut out as of before had sent to a node that was away is not believed",
          "[scenario]") {
  Two world(56);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(state_of(world.leeds(), of) == "received");
  world.take_away(world.leeds());
  const auto before = world.clock.wall;
  world.pass(std::chrono::minutes(5));
  REQUIRE(act(world, world.able(), id, caseworker(world.able()),
              casework::Accept{of, {}, "", std::nullopt, std::nullopt, ""}));
  world.run();
  REQUIRE(world.broker->revoke(world.able().id, "invented reason", before, "root", world.clock));
  world.run();
  // The letters come before the entries that say so.
  std::deque<Bytes> entries;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    const bool later = node.id == world.leeds().id && to_node && is<wire::Entries>(frame);
    if (later) entries.push_back(copy_of(frame));
    return later;
  };
  world.leeds().may_connect = true;
  world.run();
  REQUIRE_FALSE(entries.empty());
  world.drop = nullptr;
  for (auto& each : entries)
    world.leeds().to_node.push_back(std::move(each));
  world.run();
  CHECK(state_of(world.leeds(), of) == "received");
  CHECK(world.leeds().engine->status(world.now(world.leeds())).set_aside == 1);
}

TEST_CASE("a provider's node that acts as an office is not taken for one", "[scenario]") {
  Two world(54);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  const auto id = add_client(world, world.able());
  const auto of = refer(world, world.able(), id, charity);
  world.run();
  CHECK(referral(charity, of) == nullptr);
  CHECK(charity.engine->status(world.now(charity)).set_aside > 0);
}

TEST_CASE("of what a sender says in vain the newest is kept, until a person drops it",
          "[scenario]") {
  Two world(81);
  world.node_config.aside_letters_max = 2;
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  std::set<LetterId> all;
  for (int time = 0; time < 4; ++time) {
    const auto id = add_client(world, world.able());
    refer(world, world.able(), id, charity);
    world.run();
    bool is_fresh = false;
    for (const auto& each : charity.engine->aside())
      is_fresh = all.insert(each.letter).second || is_fresh;
    CHECK(is_fresh);
  }
  const auto aside = charity.engine->aside();
  REQUIRE(aside.size() == 2);

  const auto first = aside.front().letter;
  REQUIRE(charity.engine->drop_aside(first));
  const auto again = charity.engine->drop_aside(first);
  REQUIRE_FALSE(again);
  CHECK(again.error().reason == Reason::not_found);
  CHECK(node::answer_admin(*charity.engine, R"({"do":"aside-drop","all":true})",
                           world.now(charity)) == R"({"dropped":1,"ok":true})");
  world.run();
  CHECK(charity.engine->status(world.now(charity)).set_aside == 0);
}

TEST_CASE("an office takes nothing over from a provider that was not shut out", "[scenario]") {
  Two world(55);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  accept(world, world.able(), id, of);
  const auto last = referral(world.able(), of)->strand.last_number;
  const auto forged = [&](const casework::CaseView&) -> Result<std::vector<casework::Draft>> {
    return std::vector<casework::Draft>{{{wire::StrandKind::referral, of},
                                         last,
                                         std::nullopt,
                                         {},
                                         wire::events::DeciderTakenOver{last - 1, "no"}}};
  };
  REQUIRE(world.leeds().engine->act(id, adviser(world.leeds()), forged, world.now(world.leeds())));
  world.run();
  CHECK(state_of(world.able(), of) == "accepted");
  CHECK_FALSE(referral(world.able(), of)->taken_over);
  CHECK(world.able().engine->status(world.now(world.able())).set_aside == 1);
}

TEST_CASE("of two proposals that a node signed under one id its decider's counts everywhere",
          "[scenario]") {
  Two world(57);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  const auto id = add_client(world, world.leeds());
  for (auto* provider : {&world.able(), &charity})
    refer(world, world.leeds(), id, *provider);
  world.run();
  const auto propose = [&](const char* user) {
    const auto made =
        act(world, world.able(), id, caseworker(world.able()),
            casework::ProposeManager{{world.able().id, user, "Invented"}, "meets the client"});
    REQUIRE(made);
    return made->front().id;
  };
  const auto manager = [&](Node& node) {
    return (*node.engine->case_view(id))->manager.holder.user;
  };
  // A letter a frame, so that one can be lost and another not.
  world.node_config.sealed_per_turn = 1;
  world.kill(world.able());
  world.start(world.able());
  world.run();
  // The charity hears of one, and the office of the other.
  const auto image = world.able().disk->image();
  const auto state = world.entropy->state();
  world.drop = [&](const Node&, ByteView frame, bool to_node) {
    const auto decoded = wire::decode_frame(frame);
    const auto* letters = decoded ? std::get_if<std::vector<wire::Letter>>(&*decoded) : nullptr;
    return !to_node && letters != nullptr && letters->front().recipient == world.leeds().id;
  };
  const auto first = propose("ann");
  world.run();
  world.drop = nullptr;
  world.kill(world.able());
  world.able().disk->restore(image);
  world.start(world.able());
  world.entropy->set_back(state);
  REQUIRE(propose("ben") == first);
  world.run();
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), casework::AcceptManager{first}));
  world.run();
  REQUIRE(act(world, world.leeds(), id, adviser(world.leeds()), casework::ConfirmManager{first}));
  world.run();
  CHECK(manager(world.leeds()) == "ben");
  CHECK(manager(charity) == "ben");
}

TEST_CASE("a case is not handed on by one shut out, through those whom it names", "[scenario]") {
  Two world(58);
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford (invented)");
  world.run();
  const auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  world.run();
  const wire::StrandRef core{wire::StrandKind::core, {}};
  // What the office says next it says to Bradford alone.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return to_node && node.id == world.able().id && is<std::vector<wire::Delivery>>(frame);
  };
  const casework::Person successor{bradford.id, "user", "Invented adviser"};
  const auto handed = [&](const casework::CaseView& view) -> Result<std::vector<casework::Draft>> {
    const auto last = view.core.last_number;
    return std::vector<casework::Draft>{
        {core, last + 1, {}, {}, wire::events::ParticipantJoined{successor, "Bradford", "lead"}},
        {core, last + 2, {}, {}, wire::events::LeadMoved{bradford.id, 2, successor}}};
  };
  const auto made =
      world.leeds().engine->act(id, adviser(world.leeds()), handed, world.now(world.leeds()));
  REQUIRE(made);
  world.run(std::chrono::minutes(3), 20000);
  REQUIRE((*bradford.engine->case_view(id))->lead_office == bradford.id);
  world.take_away(world.leeds());
  REQUIRE(
      world.broker->revoke(world.leeds().id, "invented reason", std::nullopt, "root", world.clock));
  world.take_away(world.able());
  world.drop = nullptr;
  world.run();
  const auto cites = [&](const casework::CaseView& view) -> Result<std::vector<casework::Draft>> {
    return std::vector<casework::Draft>{{core,
                                         view.core.last_number + 1,
                                         {},
                                         {made->at(0).id, made->at(1).id},
                                         wire::events::HandlingChanged{}}};
  };
  REQUIRE(bradford.engine->act(id, adviser(bradford), cites, world.now(bradford)));
  world.able().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK((*world.able().engine->case_view(id))->lead_office == world.leeds().id);
}

TEST_CASE("a decision stands though whom it followed is shut out as of before", "[scenario]") {
  Two world(41);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  auto id = add_client(world, world.leeds());
  for (auto* provider : {&world.able(), &charity})
    refer(world, world.leeds(), id, *provider);
  world.run();
  world.take_away(charity);
  world.pass(std::chrono::hours(1));
  const auto before = world.clock.wall;
  world.pass(std::chrono::hours(1));
  world.run();
  const auto holder = casework::Person{world.able().id, "user", "Invented caseworker"};
  auto asked = act(world, world.able(), id, caseworker(world.able()),
                   casework::ProposeManager{holder, "meets the client weekly"});
  REQUIRE(asked);
  const auto proposal = asked->front().id;
  REQUIRE(
      act(world, world.able(), id, caseworker(world.able()), casework::AcceptManager{proposal}));
  world.run();
  REQUIRE(
      act(world, world.leeds(), id, adviser(world.leeds()), casework::ConfirmManager{proposal}));
  world.run();
  // The charity hears of the revocation first.
  REQUIRE(world.broker->revoke(world.able().id, "invented reason", before, "root", world.clock));
  world.run();
  charity.may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  const auto view = *charity.engine->case_view(id);
  CHECK(view->core.gaps.empty());
  CHECK(view->manager.holder == holder);
}

TEST_CASE("a key that is not the one the node joined with is found at its start, by its file",
          "[scenario]") {
  Two world(36);
  auto& able = world.able();
  world.kill(able);
  const auto refuses = [&](const char* name, auto other, const char* whose) {
    auto changed = crypto::KeyVault::in_memory();
    for (const auto& each : able.keys->names()) {
      if (auto key = able.keys->private_key(each)) changed.keep(each, *key);
      if (auto key = able.keys->ed25519(each)) changed.keep(each, *key);
      if (auto key = able.keys->curve(each)) changed.keep(each, *key);
    }
    changed.keep(name, other);
    std::swap(*able.keys, changed);
    CHECK_THROWS_WITH(world.start(able), Catch::Contains("keys/" + std::string(name) +
                                                         ".pem is not that of the " + whose));
    std::swap(*able.keys, changed);
  };
  refuses(node::curve_key, crypto::CurvePair::generate(), "node's certificate");
  refuses(node::witness_key, crypto::Ed25519Key::generate(), "node's certificate");
  refuses(node::store_key, crypto::CurvePair::generate(), "node's store");
  world.start(able);
  world.run();
  CHECK(able.engine->status(world.now(able)).link == node::LinkState::ready);
}

TEST_CASE("a node that was shut out says why after a restart too", "[scenario]") {
  Two world(37);
  REQUIRE(
      world.broker->revoke(world.able().id, "invented reason", std::nullopt, "root", world.clock));
  world.run();
  const auto said = world.able().engine->status(world.now(world.able())).link_text;
  CHECK(said == "this node was shut out of the exchange: invented reason");
  world.kill(world.able());
  world.start(world.able());
  const auto status = world.able().engine->status(world.now(world.able()));
  CHECK(status.link_text == said);
  CHECK(std::any_of(status.alarms.begin(), status.alarms.end(),
                    [](const auto& alarm) { return alarm.kind == "shut_out"; }));
}

TEST_CASE("a registry that was told in two ways is asked for anew, and right in the end",
          "[scenario]") {
  Two world(58);
  auto& leeds = world.leeds();
  world.take_away(leeds);
  auto& third = world.join("third-hand", NodeRole::provider, "Third Hand (invented)");
  world.run();
  // A broker gone bad tells of the second new entry where the first has its place, once.
  bool told = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (told || node.id != leeds.id || !to_node || !is<wire::Entries>(frame)) return false;
    auto entries = std::get<wire::Entries>(*wire::decode_frame(frame));
    REQUIRE(entries.entries.size() >= 2);
    SECTION("alone, so that it is found when the right ones come") {
      entries.entries = {entries.entries[1]};
    }
    SECTION("and again in its own place, in the same frame") {
      entries.entries = {entries.entries[1], entries.entries[1]};
    }
    leeds.engine->frame(wire::encode(wire::Frame(entries)), world.now(leeds));
    told = true;
    return true;
  };
  leeds.may_connect = true;
  world.run();
  REQUIRE(told);
  const auto status = leeds.engine->status(world.now(leeds));
  CHECK(status.registry_current);
  CHECK(status.registry_size == third.engine->status(world.now(third)).registry_size);
  REQUIRE(leeds.engine->peer(third.id));
  CHECK(leeds.engine->peer(third.id)->reachable);
  const auto of = refer(world, leeds, add_client(world, leeds), third);
  world.run();
  CHECK(state_of(third, of) == "received");
}
