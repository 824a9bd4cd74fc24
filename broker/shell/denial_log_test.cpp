#include "broker/shell/denial_log.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
using What = Denial::What;
using Kind = DenialLog::Line::Kind;

namespace {

struct Told {
  std::vector<DenialLog::Line> lines;
  DenialLog log{[this](const DenialLog::Line& line) { lines.push_back(line); }};
  Duration steady{1'000'000};
  void deny(const std::string& node, std::string_view why, int times = 1) {
    for (int at = 0; at < times; ++at)
      log.denied(What::letter, node, why, steady);
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the first refusals of a minute are told one by one, the rest in one line", "[broker]") {
  Told told;
  told.deny("jcp-leeds", "not_permitted", 1000);
  REQUIRE(told.lines.size() == DenialLog::told_singly);
  CHECK(told.lines[0] ==
        DenialLog::Line{What::letter, "jcp-leeds", "not_permitted", "", 1, Kind::single});
  told.deny("jcp-leeds", "too_large");
  told.deny("jcp-york", "not_permitted");
  CHECK(told.lines.size() == DenialLog::told_singly + 2);
  told.steady += DenialLog::window;
  told.log.close_due(told.steady);
  REQUIRE(told.lines.size() == DenialLog::told_singly + 3);
  CHECK(told.lines.back() == DenialLog::Line{What::letter, "jcp-leeds", "not_permitted", "",
                                             1000 - DenialLog::told_singly, Kind::closing});
  told.deny("jcp-leeds", "not_permitted");
  CHECK(told.lines.back().kind == Kind::single);
  CHECK(told.log.totals().at({What::letter, "not_permitted"}) == 1002);
}

TEST_CASE("whatever many do, the lines of a minute are bounded", "[broker]") {
  Told told;
  for (int minute = 0; minute < 3; ++minute) {
    told.lines.clear();
    for (int node = 0; node < 5000; ++node)
      told.deny("node-" + std::to_string(node), "not_permitted", 3);
    CHECK(told.lines.size() <= DenialLog::lines_max + 1);
    told.steady += DenialLog::window;
  }
  told.lines.clear();
  told.log.close_due(told.steady);
  CHECK(told.lines.size() <= DenialLog::lines_max + 1);
  const auto others = std::find_if(told.lines.begin(), told.lines.end(),
                                   [](const auto& line) { return line.kind == Kind::others; });
  REQUIRE(others != told.lines.end());
  CHECK(others->count > 10'000);
  CHECK(told.log.totals().at({What::letter, "not_permitted"}) == 45'000);
}

TEST_CASE("each kind of refusal is counted with its reason", "[broker]") {
  testing::Broker broker("engine-denials");
  testing::Peer leeds{"jcp-leeds", NodeRole::adviser};
  testing::Peer able{"able-futures", NodeRole::provider};
  broker.found();
  broker.start();
  broker.admit(leeds);
  broker.admit(able);
  broker.connect(1, leeds);
  const auto count = [&](const std::string& kind, const std::string& reason) {
    return has(broker.engine->metrics(), "liaison_broker_refusals_total{kind=\"" + kind +
                                             "\",reason=\"" + reason + "\"} 1\n");
  };

  broker.connect(2, able);
  auto letter = leeds.letter(able, 1, broker.now.wall);
  letter.sealing_key = {};
  broker.send(1, leeds, std::vector{letter});
  broker.engine->frame(ConnectionId{1}, leeds.curve.public_key(), as_bytes("no frame"), broker.now);
  broker.engine->misshapen(ConnectionId{1}, leeds.curve.public_key(), broker.now);
  broker.send(1, leeds, wire::Welcome{});
  broker.send(1, leeds, std::vector<wire::Publication>{{wire::EntryKind::listing, {1, 2, 3}}});
  broker.send(1, leeds, wire::Renewal{{1, 2}, {}, {3}});
  auto hello = able.hello(broker.now.wall);
  std::get<wire::Hello>(hello).node = leeds.id;
  broker.send(3, able, hello);
  (void)broker.engine->join(as_bytes("no request"), able.curve.public_key(), broker.now);
  const auto invitation = broker.invite(able, InviteOrder::Kind::rejoin);
  auto request = able.join_request(invitation);
  request.secret = {};
  (void)broker.engine->join(request, able.curve.public_key(), broker.now);
  broker.engine->denied_before(What::handshake, able.curve.public_key(), "too_often", 1,
                               broker.now);
  broker.turn();

  CHECK(count("letter", "key_unknown"));
  CHECK(count("frame", "unreadable"));
  CHECK(count("frame", "misshapen"));
  CHECK(count("frame", "not_for_a_broker"));
  CHECK(count("publication", "malformed"));
  CHECK(count("renewal", "malformed"));
  CHECK(count("handshake", "wrong_node"));
  CHECK(count("handshake", "too_often"));
  CHECK(count("joining", "unreadable"));
  CHECK(count("joining", "no_such_invitation"));
}
