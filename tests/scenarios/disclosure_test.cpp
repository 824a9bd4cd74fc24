#include <catch2/catch.hpp>

#include "audit/proof_file.h"
#include "broker/shell/logs.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "node/shell/kept_letters.h"
#include "node/shell/log_store.h"
#include "tests/scenarios/world.h"
#include "wire/log_entry.h"

using namespace liaison;
using namespace liaison::scenarios;
using wire::LogName;

namespace {

/// What the broker's message log says of every letter that it accepted.
std::vector<wire::LogEntry> accepted(World& world) {
  std::vector<wire::LogEntry> out;
  for (const auto& octets : world.broker->logs().of(LogName::message).store().entries(0, 10'000)) {
    const auto entry = wire::decode_log_entry(octets).value();
    if (entry.kind == wire::LogKind::accepted) out.push_back(entry);
  }
  return out;
}

/// Whether the node can give that letter: the octets and the key that were logged.
bool can_disclose(Node& node, const wire::LogEntry& entry) {
  const auto found = node.engine->disclosable(entry.letter);
  if (!found) return false;
  CHECK(crypto::sha256(found->disclosure.sealed) == entry.digest);
  CHECK(crypto::commitment_of(found->disclosure.content_key.view()) == entry.commitment);
  CHECK(found->about.sender == entry.sender);
  CHECK(found->about.recipient == entry.recipient);
  CHECK(found->about.accepted_at == entry.at);
  return true;
}

std::size_t disclosable(World& world, Node& node) {
  std::size_t out = 0;
  for (const auto& entry : accepted(world))
    out += can_disclose(node, entry) ? 1 : 0;
  return out;
}

/// With a document of two parts.
struct Story : Two {
  explicit Story(std::uint64_t seed) : Two(seed) {
    id = add_client(*this, leeds());
    Bytes document(500'000);
    for (std::size_t at = 0; at < document.size(); ++at)
      document[at] = static_cast<std::uint8_t>(at * at >> 5U);
    const auto about = node::describe_attachment("cv.pdf", wire::AttachmentKind::pdf, document);
    of = refer(*this, leeds(), id, able(), {{about, document}});
    run(std::chrono::seconds(5));
    accept(*this, able(), id, of);
    run(std::chrono::seconds(5));
  }
  CaseId id;
  ReferralId of;
};

std::int64_t count(Node& node, const char* what) {
  auto rows = node.engine->database().prepare(what);
  auto found = rows.query();
  REQUIRE(found.next());
  return found.int64(0);
}

}  // namespace

TEST_CASE("each letter can be disclosed by its sender and by its recipient", "[scenario]") {
  Story story(120);
  const auto all = accepted(story);
  REQUIRE(all.size() >= 6);
  std::size_t parts = 0;
  for (const auto& entry : all) {
    CHECK(can_disclose(story.leeds(), entry));
    CHECK(can_disclose(story.able(), entry));
    const auto about = story.able().engine->disclosable(entry.letter)->about;
    if (about.matter == "part of a document") ++parts;
    if (about.matter == "receipts") {
      CHECK(about.cases.empty());
      CHECK(about.clients.empty());
    } else {
      CHECK(about.cases == std::vector{story.id});
      CHECK(story.leeds().engine->disclosable(entry.letter)->about.clients.size() == 1);
    }
  }
  CHECK(parts == 2);
  // A document lies there once, however many letters carried it.
  CHECK(count(story.able(), "SELECT sum(length(sealed)) FROM letter_kept") < 100'000);
  CHECK(count(story.leeds(), "SELECT sum(length(sealed)) FROM letter_kept") < 100'000);
}

TEST_CASE("a letter can be disclosed after a restart, and from a backup", "[scenario]") {
  Story story(121);
  const auto image = story.able().disk->image();
  story.kill(story.able());
  story.start(story.able());
  story.run();
  const auto all = accepted(story);
  CHECK(disclosable(story, story.able()) == all.size());
  story.restore_node(story.able(), image);
  CHECK(disclosable(story, story.able()) == all.size());
  story.run(std::chrono::seconds(60));
  CHECK(disclosable(story, story.able()) == accepted(story).size());
}

TEST_CASE("what a disposed case was about cannot be disclosed any more", "[scenario]") {
  Story story(122);
  const auto all = accepted(story);
  REQUIRE(story.able().engine->dispose(story.id, story.now(story.able())));
  std::size_t left = 0;
  for (const auto& entry : all) {
    const auto matter = story.leeds().engine->disclosable(entry.letter)->about.matter;
    const bool is_there = can_disclose(story.able(), entry);
    CHECK(is_there == (matter == "receipts"));
    left += is_there ? 1 : 0;
  }
  CHECK(left > 0);
  CHECK(count(story.able(), "SELECT count(*) FROM letter_kept WHERE cases <> x''") == 0);
  CHECK(count(story.able(),
              "SELECT count(*) FROM letter_kept_case WHERE case_id <> zeroblob(16)") == 0);
  // At the office, where the case is, all of it.
  CHECK(disclosable(story, story.leeds()) == all.size());
}

TEST_CASE("a letter about no case is kept for a time", "[scenario]") {
  Story story(123);
  const auto all = accepted(story);
  node::Sql sql(story.able().engine->database_for_writing());
  node::CaseStore cases(sql, Secret(Bytes(32)));
  node::KeptLetters kept(sql, cases);
  const auto now = story.now(story.able()).wall;
  kept.prune(now - node::KeptLetters::kept_without_case);
  CHECK(disclosable(story, story.able()) == all.size());
  kept.prune(now + std::chrono::hours(1));
  CHECK(disclosable(story, story.able()) < all.size());
  CHECK(count(story.able(), "SELECT count(*) FROM letter_kept_case WHERE case_id = zeroblob(16)") ==
        0);
  for (const auto& entry : all)
    CHECK(can_disclose(story.able(), entry) ==
          (story.leeds().engine->disclosable(entry.letter)->about.matter != "receipts"));
}

TEST_CASE("a letter that the exchange did not take is not kept", "[scenario]") {
  Two world(124);
  const auto id = add_client(world, world.leeds());
  // The provider's key is replaced while the office's letter waits to leave.
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.leeds().id) return;
    auto decoded = wire::decode_frame(frame);
    if (!decoded) return;
    if (auto* list = std::get_if<std::vector<wire::Accepted>>(&*decoded)) {
      std::vector<wire::Refused> refused;
      for (const auto& each : *list)
        refused.push_back({each.letter,
                           wire::RefusalReason::key_replaced,
                           wire::meaning_of(wire::RefusalReason::key_replaced),
                           {},
                           {}});
      frame = wire::encode(refused);
    }
  };
  refer(world, world.leeds(), id, world.able());
  for (int step = 0; step < 300; ++step)
    world.step();
  world.rewrite = nullptr;
  world.run(std::chrono::seconds(60));
  // Sealed anew as often as it was refused: only what the exchange said it took is kept.
  const auto kept = count(world.leeds(), "SELECT count(*) FROM letter_kept WHERE cases <> x''");
  CHECK(kept == count(world.leeds(),
                      "SELECT count(*) FROM letter_kept k WHERE cases <> x'' AND (EXISTS (SELECT 1 "
                      "FROM letter_logged l WHERE l.letter = k.letter) OR EXISTS (SELECT 1 FROM "
                      "letter_out o WHERE o.letter = k.letter))"));
  CHECK(kept > 0);
}

TEST_CASE("nobody has a node keep more of its letters in one case than is bounded", "[scenario]") {
  Story story(125);
  node::Sql sql(story.able().engine->database_for_writing());
  node::CaseStore cases(sql, Secret(Bytes(32, 1)));
  CaseId id;
  id.octets[0] = 9;
  cases.make(id);
  std::uint8_t number = 0;
  const auto keep = [&](const std::set<CaseId>& about, const NodeId& with) {
    auto found = story.leeds().engine->disclosable(accepted(story).front().letter);
    wire::Letter letter;
    letter.id.octets[0] = ++number;
    letter.sealed = found->disclosure.sealed;
    return node::KeptLetters(sql, cases)
        .keep(letter, wire::Answered{}, std::move(found->disclosure.content_key), about, with,
              story.now(story.able()).wall);
  };
  CHECK(keep({id}, story.leeds().id));
  // As if it had been so many.
  sql.run("UPDATE letter_kept_case SET bytes = ? WHERE case_id = ?",
          node::KeptLetters::bytes_max - 10, id);
  CHECK_FALSE(keep({id}, story.leeds().id));
  // What came before stays, and others' letters and those of no case are counted apart.
  CHECK(count(story.able(),
              "SELECT count(*) FROM letter_kept WHERE letter >= x'01000000' AND "
              "letter < x'01000001'") == 1);
  CHECK(keep({id}, *NodeId::parse("hope-house")));
  CHECK(keep({}, story.leeds().id));
}

TEST_CASE("a letter about several cases goes with the first that is disposed of", "[scenario]") {
  Story story(127);
  node::Sql sql(story.able().engine->database_for_writing());
  node::CaseStore cases(sql, Secret(Bytes(32, 1)));
  node::KeptLetters kept(sql, cases);
  std::set<CaseId> about;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    CaseId id;
    id.octets[0] = number;
    cases.make(id);
    about.insert(id);
  }
  auto found = story.leeds().engine->disclosable(accepted(story).front().letter);
  wire::Letter letter;
  letter.id.octets[0] = 1;
  letter.sealed = found->disclosure.sealed;
  REQUIRE(kept.keep(letter, wire::Answered{}, std::move(found->disclosure.content_key), about,
                    story.leeds().id, story.now(story.able()).wall));
  const auto read = kept.letter(letter.id);
  REQUIRE(read);
  CHECK(read->sealed == letter.sealed);
  CHECK(read->about == std::vector(about.begin(), about.end()));
  // Its key is gone, though the row were there in a copy.
  const auto middle = *std::next(about.begin());
  cases.dispose(middle, story.now(story.able()).wall);
  CHECK_FALSE(kept.letter(letter.id));
  kept.dispose_case(middle);
  CHECK(count(story.able(), "SELECT count(*) FROM letter_kept WHERE length(cases) = 48") == 0);
}

TEST_CASE("a node gives out the proof that it has kept", "[scenario]") {
  Story story(126);
  const auto keys = std::vector<audit::NoteKey>{story.broker->logs().of(LogName::message).key()};
  for (auto* node : {&story.leeds(), &story.able()})
    for (const auto& entry : accepted(story)) {
      const auto text = node->engine->proof_of(entry.letter);
      REQUIRE(text);
      const auto proof = audit::parse_proof_file(*text);
      REQUIRE(proof);
      REQUIRE(proof->extra);
      CHECK(*proof->extra == wire::encode(entry));
      CHECK(audit::check(*proof, *proof->extra, keys));
    }
  const auto none = story.leeds().engine->proof_of(LetterId());
  REQUIRE_FALSE(none);
  CHECK(none.error().reason == Reason::not_found);
}
