#include "node/core/outbox.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::node;

namespace {

const NodeId able = *NodeId::parse("able-futures");
const NodeId acorn = *NodeId::parse("acorn-surgery");

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.octets[15] = number;
  return out;
}
LetterId letter_id(std::uint8_t number) {
  return id_of<LetterId>(number);
}
CaseId case_id(std::uint8_t number) {
  return id_of<CaseId>(number);
}

Now at(std::int64_t seconds) {
  return {from_ms(1'700'000'000'000 + seconds * 1000), std::chrono::seconds(10'000 + seconds)};
}

Item event(std::int64_t number, const NodeId& to, std::uint8_t of) {
  return {ItemId{number}, to, case_id(of), ItemKind::event, 1000};
}

OutLetter letter(std::uint8_t number, const NodeId& to) {
  OutLetter out;
  out.id = letter_id(number);
  out.recipient = to;
  out.expires = at(0).wall + std::chrono::hours(24 * 30);
  out.bytes = 2000;
  return out;
}

/// Seals what there is to seal, in order, under the given ids.
void seal_all(Outbox& outbox, std::uint8_t first, Now now) {
  for (const auto& job : outbox.to_seal(100, now))
    outbox.sealed(job, letter(first++, job.recipient));
}

wire::Refused refusal(std::uint8_t number, wire::RefusalReason reason) {
  return {letter_id(number), reason, wire::meaning_of(reason), std::chrono::seconds(30), ""};
}

}  // namespace

TEST_CASE("events of one case for one recipient go in one letter, others apart", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  outbox.add(event(3, able, 1));
  outbox.add(event(4, acorn, 1));
  auto jobs = outbox.to_seal(10, at(0));
  CHECK(jobs == std::vector<SealJob>{
                    {able, case_id(1), ItemKind::event, {ItemId{1}, ItemId{3}}},
                    {acorn, case_id(1), ItemKind::event, {ItemId{4}}},
                    {able, case_id(2), ItemKind::event, {ItemId{2}}},
                });
  CHECK(outbox.to_seal(10, at(0)).empty());
}

TEST_CASE("a row ends with the recipient's receipt and not with the exchange's acceptance",
          "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  CHECK(outbox.to_submit(10, at(0)) == std::vector{letter_id(1)});
  CHECK(outbox.accepted({letter_id(1), 7, at(1).wall}) ==
        OutboxDecision{NoteAccepted{letter_id(1), at(1).wall}});
  CHECK(outbox.unreceipted() == 1);
  CHECK(outbox.is_open(able, ItemId{1}));
  CHECK(outbox.accepted({letter_id(1), 7, at(1).wall}).empty());  // said again
  CHECK(outbox.receipted(letter_id(1), acorn).empty());           // not its recipient
  CHECK(outbox.receipted(letter_id(1), able) == std::vector{ItemId{1}});
  CHECK_FALSE(outbox.is_open(able, ItemId{1}));
  CHECK(outbox.unreceipted() == 0);
}

TEST_CASE("a letter of receipts is done with when it is accepted", "[node]") {
  Outbox outbox;
  auto receipts = letter(1, able);
  receipts.kind = LetterKind::receipts;
  outbox.sealed_receipts(receipts);
  CHECK(outbox.to_submit(10, at(0)) == std::vector{letter_id(1)});
  CHECK(outbox.accepted({letter_id(1), 1, at(1).wall}) == OutboxDecision{DropLetter{letter_id(1)}});
  CHECK(outbox.find(letter_id(1)) == nullptr);
}

TEST_CASE("a full mailbox holds up nobody but its own", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  CHECK(outbox.refused(refusal(1, wire::RefusalReason::mailbox_full), at(1)).empty());
  outbox.add(event(2, able, 2));
  outbox.add(event(3, acorn, 3));
  seal_all(outbox, 2, at(2));
  CHECK(outbox.to_submit(10, at(2)) == std::vector{letter_id(2)});
  CHECK(outbox.find(letter_id(2))->recipient == acorn);
  (void)outbox.accepted({letter_id(2), 1, at(3).wall});
  // When the time that the exchange named is over, the same bytes go again, before what came later.
  CHECK(outbox.to_submit(10, at(40)) == std::vector{letter_id(1)});
}

TEST_CASE("reseal queues the items again for a letter of another id", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  CHECK(outbox.refused(refusal(1, wire::RefusalReason::key_replaced), at(1)) ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}}});
  CHECK(outbox.find(letter_id(1)) == nullptr);
  CHECK(
      outbox.to_seal(10, at(1)).empty());  // a pause first: the next certificate may be on its way
  CHECK(outbox.to_seal(10, at(60)).size() == 1);
}

TEST_CASE("what a restored recipient had not receipted goes to it again", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, acorn, 2));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  (void)outbox.accepted({letter_id(2), 2, at(1).wall});
  CHECK(outbox.to_seal(10, at(2)).empty());
  CHECK(outbox.recipient_restored(able) ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}}});
  CHECK(outbox.to_seal(10, at(2)).size() == 1);
  CHECK(outbox.find(letter_id(2)) != nullptr);
  CHECK(outbox.recipient_restored(able).empty());
  // Accepted, perhaps, without our hearing of it: the exchange delivers no repeat of that either.
  Outbox unheard;
  unheard.add(event(1, able, 1));
  seal_all(unheard, 1, at(0));
  (void)unheard.to_submit(10, at(0));
  CHECK(unheard.recipient_restored(able) ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}}});
}

TEST_CASE("a final refusal ends the rows, told", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  CHECK(outbox.refused(refusal(1, wire::RefusalReason::recipient_revoked), at(1)) ==
        OutboxDecision{EndRefused{letter_id(1),
                                  LetterKind::items,
                                  {ItemId{1}},
                                  wire::RefusalReason::recipient_revoked,
                                  at(1).wall}});
  CHECK_FALSE(outbox.is_open(able, ItemId{1}));
}

TEST_CASE(
    "a report of expiry ends the rows, one of a lost key seals anew, one by another node nothing",
    "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  for (std::uint8_t number = 1; number <= 2; ++number)
    (void)outbox.accepted({letter_id(number), number, at(1).wall});
  auto report = [](std::uint8_t number, const NodeId& recipient, wire::RefusalReason reason) {
    return wire::Report{letter_id(number), recipient, reason, wire::meaning_of(reason), at(9).wall};
  };
  CHECK(outbox.reported(report(1, acorn, wire::RefusalReason::expired), at(9)).empty());
  CHECK(
      outbox.reported(report(1, able, wire::RefusalReason::expired), at(9)) ==
      OutboxDecision{EndRefused{
          letter_id(1), LetterKind::items, {ItemId{1}}, wire::RefusalReason::expired, at(9).wall}});
  CHECK(outbox.reported(report(2, able, wire::RefusalReason::no_such_key), at(9)) ==
        OutboxDecision{UndoSeal{letter_id(2), LetterKind::items, {ItemId{2}}}});
}

TEST_CASE("what comes back though the exchange accepts it goes again at ever longer intervals",
          "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  std::uint8_t number = 1;
  auto come_back = [&](Now now) {
    const auto first = number;
    for (const auto& job : outbox.to_seal(100, now))
      outbox.sealed(job, letter(number++, job.recipient));
    for (const auto& id : outbox.to_submit(100, now))
      (void)outbox.accepted({id, 1, now.wall});
    for (auto each = first; each < number; ++each)
      (void)outbox.reported({letter_id(each), able, wire::RefusalReason::no_such_key,
                             wire::Meaning::reseal, now.wall},
                            now);
    return number - first;
  };
  CHECK(come_back(at(0)) == 2);
  int letters = 0;
  for (int second = 0; second < 3600; ++second)
    letters += come_back(at(second));
  CHECK(letters < 50);  // of two every second
  CHECK(come_back(at(3600)) == 0);
  outbox.sealing_key_changed(acorn);
  CHECK(outbox.to_seal(100, at(3600)).empty());
  outbox.sealing_key_changed(able);
  CHECK(come_back(at(3600)) == 2);
  CHECK(come_back(at(3601)) == 2);  // and from the shortest on
}

TEST_CASE("receipts that come back wait as long as other letters", "[node]") {
  Outbox outbox;
  std::uint8_t number = 0;
  for (int second = 0; second < 600; ++second) {
    auto receipts = letter(number + 1, able);
    receipts.kind = LetterKind::receipts;
    if (outbox.find(receipts.id) == nullptr) outbox.sealed_receipts(receipts);
    for (const auto& id : outbox.to_submit(1, at(second))) {
      ++number;
      (void)outbox.accepted({id, 1, at(second).wall});
      outbox.receipts_came_back(able, id, at(second));
    }
  }
  CHECK(number > 5);
  CHECK(number < 15);
  CHECK(outbox.to_submit(1, at(600)).empty());
  outbox.sealing_key_changed(able);
  CHECK(outbox.to_submit(1, at(600)).size() == 1);
}

TEST_CASE("after a new epoch all without a receipt goes again as the same letter", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  (void)outbox.accepted({letter_id(2), 2, at(1).wall});
  (void)outbox.receipted(letter_id(2), able);
  CHECK(outbox.to_submit(10, at(2)).empty());
  outbox.disconnected();
  CHECK(outbox.epoch_changed(at(3)) == OutboxDecision{NoteToGo{letter_id(1)}});
  CHECK(outbox.to_submit(10, at(3)) == std::vector{letter_id(1)});
}

TEST_CASE("what has run out by then is sealed anew instead", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  const auto later = at(31 * 24 * 3600);
  outbox.disconnected();
  CHECK(outbox.epoch_changed(later) ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}}});
}

TEST_CASE("a node restored from a backup seals anew all that was under way by then", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  outbox.disconnected();
  CHECK(outbox.restored() ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}},
                       UndoSeal{letter_id(2), LetterKind::items, {ItemId{2}}}});
  CHECK(outbox.to_seal(10, at(2)).size() == 2);
}

TEST_CASE("a letter without receipt or report a day past its time is sealed anew", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  CHECK(outbox.overdue(at(30 * 24 * 3600 + 3600).wall, false).empty());
  CHECK(outbox.overdue(at(31 * 24 * 3600 + 1).wall, false) ==
        OutboxDecision{UndoSeal{letter_id(1), LetterKind::items, {ItemId{1}}}});
}

TEST_CASE("after a jump of the clock only what the exchange has not accepted is sealed anew",
          "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  outbox.disconnected();
  CHECK(outbox.overdue(at(31 * 24 * 3600 + 1).wall, true) ==
        OutboxDecision{UndoSeal{letter_id(2), LetterKind::items, {ItemId{2}}}});
}

TEST_CASE("an answer that does not come in time, or with the connection, sends the same again",
          "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  CHECK(outbox.to_submit(10, at(0)).size() == 1);
  CHECK(outbox.to_submit(10, at(10)).empty());
  CHECK(outbox.to_submit(10, at(31)) == std::vector{letter_id(1)});
  outbox.disconnected();
  CHECK(outbox.to_submit(10, at(32)) == std::vector{letter_id(1)});
}

TEST_CASE("no more is submitted unanswered than the exchange allows", "[node]") {
  Outbox outbox;
  outbox.set_window(2);
  for (std::uint8_t number = 1; number <= 5; ++number)
    outbox.add(event(number, able, number));
  seal_all(outbox, 1, at(0));
  CHECK(outbox.to_submit(10, at(0)).size() == 2);
  CHECK(outbox.to_submit(10, at(0)).empty());
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  CHECK(outbox.to_submit(10, at(1)).size() == 1);
}

TEST_CASE("no more octets are submitted unanswered than the process may keep", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add(event(2, able, 2));
  std::uint8_t number = 1;
  for (const auto& job : outbox.to_seal(10, at(0))) {
    auto large = letter(number++, able);
    large.bytes = Flight::bytes_max;
    outbox.sealed(job, large);
  }
  CHECK(outbox.to_submit(10, at(0)) == std::vector{letter_id(1)});
  CHECK(outbox.to_submit(10, at(1)).empty());
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  CHECK(outbox.to_submit(10, at(1)) == std::vector{letter_id(2)});
  outbox.disconnected();
  CHECK(outbox.to_submit(10, at(2)) == std::vector{letter_id(2)});
}

TEST_CASE("`answered` leaves when all that was queued for its recipient before has arrived",
          "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add({ItemId{2}, able, {}, ItemKind::answered, 20});
  seal_all(outbox, 1, at(0));
  (void)outbox.to_submit(10, at(0));
  (void)outbox.accepted({letter_id(1), 1, at(1).wall});
  CHECK(outbox.to_seal(10, at(2)).empty());
  CHECK(outbox.answers_waiting(able) == 1);
  (void)outbox.receipted(letter_id(1), able);
  CHECK(outbox.to_seal(10, at(2)) ==
        std::vector<SealJob>{{able, CaseId{}, ItemKind::answered, {ItemId{2}}}});
  CHECK(outbox.answers_waiting(able) == 0);
  CHECK(outbox.answers_waiting(acorn) == 0);
}

TEST_CASE("without a certificate the items stay, and go when one comes", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  auto jobs = outbox.to_seal(10, at(0));
  REQUIRE(jobs.size() == 1);
  outbox.cannot_seal(jobs[0], at(0));
  CHECK(outbox.to_seal(10, at(1)).empty());
  outbox.certificates_changed();
  CHECK(outbox.to_seal(10, at(1)) == jobs);
}

TEST_CASE("answers to who is shut out do not wait for receipts that will never come", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  outbox.add({ItemId{2}, able, {}, ItemKind::answered, 20});
  seal_all(outbox, 1, at(0));
  CHECK(outbox.to_seal(10, at(1)).empty());
  const auto jobs = outbox.take_answers(able);
  CHECK(jobs == std::vector<SealJob>{{able, CaseId{}, ItemKind::answered, {ItemId{2}}}});
  (void)outbox.cannot_go(jobs[0], wire::RefusalReason::recipient_revoked, at(1).wall);
  CHECK(outbox.answers_waiting(able) == 0);
  CHECK_FALSE(outbox.is_open(able, ItemId{2}));
  CHECK(outbox.is_open(able, ItemId{1}));
  CHECK(outbox.take_answers(able).empty());
}

TEST_CASE("what can never go ends at once, told", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  auto jobs = outbox.to_seal(10, at(0));
  REQUIRE(jobs.size() == 1);
  CHECK(outbox.cannot_go(jobs[0], wire::RefusalReason::recipient_revoked, at(0).wall) ==
        OutboxDecision{EndRefused{LetterId{},
                                  LetterKind::items,
                                  {ItemId{1}},
                                  wire::RefusalReason::recipient_revoked,
                                  at(0).wall}});
  CHECK(outbox.waiting() == 0);
  CHECK_FALSE(outbox.is_open(able, ItemId{1}));
}

TEST_CASE("a case that is disposed of takes its items and letters along", "[node]") {
  Outbox outbox;
  outbox.add(event(1, able, 1));
  seal_all(outbox, 1, at(0));
  outbox.add(event(2, able, 1));
  outbox.add(event(3, able, 2));
  CHECK(outbox.forget(case_id(1)) == std::vector{letter_id(1)});
  CHECK(outbox.waiting() == 1);
  CHECK(outbox.to_submit(10, at(0)).empty());
}
