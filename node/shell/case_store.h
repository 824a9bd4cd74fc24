#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/secret.h"
#include "node/shell/sql.h"
#include "wire/case_summary.h"
#include "wire/event.h"

namespace liaison::node {

struct StoredEvent {
  wire::SignedEvent event;
  LetterId letter;  ///< that brought it; zero: made here
  NodeId sender;
};

/// Cases at rest. Everything that says something of a client is sealed under the case's own key,
/// which lies wrapped by the node's store key: destroying it disposes of all.
class CaseStore {
 public:
  CaseStore(Sql& sql, Secret store_key) : sql_(sql), store_key_(std::move(store_key)) {}

  [[nodiscard]] bool has(const CaseId& id);
  [[nodiscard]] bool is_disposed(const CaseId& id);
  /// Makes the case with a fresh key if it is not there.
  void make(const CaseId& id);
  /// Key, events, parts, summary: gone; a tombstone stays.
  void dispose(const CaseId& id, Instant now);

  /// Whether it was new. The case must be there.
  bool keep_event(const CaseId& id, const EventId& event, const wire::SignedEvent& bytes,
                  const LetterId& letter, const NodeId& sender);
  void drop_event(const CaseId& id, const EventId& event);
  [[nodiscard]] bool has_event(const CaseId& id, const EventId& event);
  [[nodiscard]] std::optional<StoredEvent> event(const CaseId& id, const EventId& event);
  [[nodiscard]] std::vector<StoredEvent> events(const CaseId& id);
  [[nodiscard]] std::vector<EventId> event_ids(const CaseId& id);

  void keep_summary(const wire::CaseSummary& summary);
  /// All of them, at start. A case without one (its core not here yet) is named alone.
  [[nodiscard]] std::map<CaseId, wire::CaseSummary> summaries();

  /// Whether it was new.
  bool keep_part(const CaseId& id, const Digest& attachment, std::uint16_t part,
                 std::uint16_t parts, ByteView octets);
  [[nodiscard]] std::optional<Bytes> part(const CaseId& id, const Digest& attachment,
                                          std::uint16_t part);
  [[nodiscard]] std::vector<std::uint16_t> parts_held(const CaseId& id, const Digest& attachment);
  void forget_parts(const CaseId& id, const Digest& attachment);
  [[nodiscard]] std::uint64_t part_bytes(const CaseId& id);

  /// Anything else that says something of a client, under its case's key: `place` and `name` say
  /// what it is. The case must be there; throws if its record is damaged.
  [[nodiscard]] Bytes seal(const CaseId& id, std::string_view place, ByteView name, ByteView plain);
  [[nodiscard]] Bytes open(const CaseId& id, std::string_view place, ByteView name,
                           ByteView sealed);

  /// Small records of the node itself, under the store key.
  [[nodiscard]] Bytes seal_record(std::string_view place, ByteView plain) const;
  [[nodiscard]] Result<Bytes> open_record(std::string_view place, ByteView sealed) const;

 private:
  const Secret& key_of(const CaseId& id);

  Sql& sql_;
  Secret store_key_;
  std::unordered_map<CaseId, Secret> keys_;
};

}  // namespace liaison::node
