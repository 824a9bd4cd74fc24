#pragma once

#include <variant>
#include <vector>

#include "wire/frame.h"
#include "wire/letter.h"

/// What goes in and out of the outbox (outbox.h). Plain values.
namespace liaison::node {

/// A row of the outbox: one thing for one recipient. Ids go up in the order of queueing.
struct ItemId {
  std::int64_t value = 0;
  friend auto operator<=>(const ItemId&, const ItemId&) = default;
  friend bool operator==(const ItemId&, const ItemId&) = default;
};

enum class ItemKind : std::uint8_t { event = 0, part = 1, ask = 2, answered = 3 };

struct Item {
  ItemId id;
  NodeId recipient;
  CaseId case_id;  ///< zero: of no case
  ItemKind kind = ItemKind::event;
  std::uint32_t bytes = 0;  ///< about how long it is in a letter
};

enum class LetterKind : std::uint8_t { items = 0, receipts = 1 };

/// Where a letter stands. A row whose letter is gone by `accepted` alone would be lost with the
/// broker's disk, so it is not: the row ends with the recipient's own receipt.
///
///   (row queued) --seal--> sealed --submit--> submitted --accepted--> accepted --receipt-->
///   (ended)
///        ^                   ^                    |                      |
///        |                   \--- retry, link lost, epoch changed -------/
///        \----------- reseal: a new letter id --------------- final refusal, expiry --> (ended,
///        told)
enum class LetterState : std::uint8_t { sealed = 0, submitted = 1, accepted = 2 };

struct OutLetter {
  LetterId id;
  NodeId recipient;
  LetterKind kind = LetterKind::items;
  LetterState state = LetterState::sealed;
  std::vector<Item> items;  ///< empty with receipts
  Instant expires;
  std::uint32_t bytes = 0;
};

/// Items to be sealed into one letter.
struct SealJob {
  NodeId recipient;
  CaseId case_id;
  ItemKind kind = ItemKind::event;
  std::vector<ItemId> items;
  friend bool operator==(const SealJob&, const SealJob&) = default;
};

/// What must be written when something became of a letter.
struct NoteAccepted {
  LetterId letter;
  Instant at;
  friend bool operator==(const NoteAccepted&, const NoteAccepted&) = default;
};
/// The exchange was restored and may have lost what it had accepted: the letter goes again, after a
/// restart too.
struct NoteToGo {
  LetterId letter;
  friend bool operator==(const NoteToGo&, const NoteToGo&) = default;
};
/// Its items are queued again, the sealed bytes go; the old id is kept as another name of them, for
/// a receipt that comes for it after all.
struct UndoSeal {
  LetterId letter;
  LetterKind kind = LetterKind::items;
  std::vector<ItemId> items;
  friend bool operator==(const UndoSeal&, const UndoSeal&) = default;
};
/// Its items end undelivered, of which the user is told.
struct EndRefused {
  LetterId letter;
  LetterKind kind = LetterKind::items;
  std::vector<ItemId> items;
  wire::RefusalReason reason{};
  Instant at;
  friend bool operator==(const EndRefused&, const EndRefused&) = default;
};
/// A letter of receipts is done with.
struct DropLetter {
  LetterId letter;
  friend bool operator==(const DropLetter&, const DropLetter&) = default;
};
using OutboxWrite = std::variant<NoteAccepted, NoteToGo, UndoSeal, EndRefused, DropLetter>;
using OutboxDecision = std::vector<OutboxWrite>;

}  // namespace liaison::node
