#pragma once

#include <variant>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "wire/event.h"

/// Plain values of schemas/letter.capnp: what is inside a sealed letter.
namespace liaison::wire {

enum class Stage : std::uint16_t { stored, opened };

struct Receipt {
  LetterId letter;
  Stage stage{};
  Instant at;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

struct Part {
  CaseId case_id;
  Digest attachment;
  std::uint16_t index = 0;
  std::uint16_t count = 0;
  Bytes bytes;
  friend bool operator==(const Part&, const Part&) = default;
};

struct Gap {
  CaseId case_id;
  StrandRef strand;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  friend bool operator==(const Gap&, const Gap&) = default;
};
struct WholeCase {
  CaseId case_id;
  friend bool operator==(const WholeCase&, const WholeCase&) = default;
};
/// Asked by a restored node of each node it shares cases with.
struct Everything {
  Instant since;
  friend bool operator==(const Everything&, const Everything&) = default;
};
struct PartWanted {
  CaseId case_id;
  Digest attachment;
  friend bool operator==(const PartWanted&, const PartWanted&) = default;
};
struct Ask {
  std::variant<Gap, WholeCase, Everything, PartWanted> wanted;
  std::vector<EventId> have;
  friend bool operator==(const Ask&, const Ask&) = default;
};
struct Answered {
  LetterId ask;
  friend bool operator==(const Answered&, const Answered&) = default;
};

/// A member of a later version: the letter is kept (held) until this node knows it.
struct UnknownMatter {
  std::uint16_t member = 0;
  friend bool operator==(const UnknownMatter&, const UnknownMatter&) = default;
};

using Matter = std::variant<std::vector<SignedEvent>, std::vector<Receipt>, Part, Ask, Answered,
                            UnknownMatter>;

struct Content {
  std::uint16_t version = 1;
  LetterId letter;
  NodeId sender;
  NodeId recipient;
  Instant sealed_at;
  std::uint64_t incarnation = 0;
  Bytes registry_checkpoint;
  Bytes message_checkpoint;
  std::vector<Bytes> key_alarms;  ///< the sender's own, as wire/key_alarm.h has them
  Matter matter;
  friend bool operator==(const Content&, const Content&) = default;
};

Bytes encode(const Content& content);
/// Malformed, or too_large over limits.h. Never throws. To be called on verified bytes only.
Result<Content> decode_content(ByteView bytes);

}  // namespace liaison::wire
