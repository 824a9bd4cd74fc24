#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "broker/core/denial.h"
#include "broker/core/event.h"
#include "wire/log_entry.h"

/// What a step decided: first all writes, in one transaction; then, and only then, the sends, and
/// what the operator is told was refused.
namespace liaison::broker {

// What must be on disk.
struct KeepLetter {
  Sequence sequence = 0;
  NodeNumber sender;
  NodeNumber recipient;
  Instant accepted_at;
  CheckedLetter letter;
  friend bool operator==(const KeepLetter&, const KeepLetter&) = default;
};
struct KeepReport {
  Sequence sequence = 0;
  NodeNumber recipient;  ///< who is told: the letter's sender
  wire::Report report;
  friend bool operator==(const KeepReport&, const KeepReport&) = default;
};
/// A letter or report leaves its mailbox.
struct DropItem {
  Sequence sequence = 0;
  friend bool operator==(const DropItem&, const DropItem&) = default;
};
struct AppendLog {
  Leaf leaf = 0;
  wire::LogEntry entry;
  Instant expires;  ///< with `accepted`: until when a repeat is answered alike
  friend bool operator==(const AppendLog&, const AppendLog&) = default;
};
struct AppendRegistry {
  std::uint64_t index = 0;
  Instant at;
  CheckedEntry entry;
  friend bool operator==(const AppendRegistry&, const AppendRegistry&) = default;
};
struct KeepNode {
  NodeNumber number;
  NodeId node;
  std::uint64_t incarnation = 0;
  friend bool operator==(const KeepNode&, const KeepNode&) = default;
};
struct KeepPolicy {
  Policy policy;
  friend bool operator==(const KeepPolicy&, const KeepPolicy&) = default;
};
struct KeepQuota {
  std::optional<NodeId> node;
  std::optional<Quota> quota;
  friend bool operator==(const KeepQuota&, const KeepQuota&) = default;
};
/// The few values that a restart needs.
struct KeepState {
  std::uint64_t epoch = 0;
  bool recovering = false;
  Leaf repeats_from = 0;  ///< no earlier leaf's id is remembered any more
  Instant seen;           ///< a time the broker's clock has shown
  Duration rest{};        ///< how long nothing may yet expire, after a jump of the clock
  Duration clock_set{};   ///< how long nothing may yet be renewed, after a jump that was seen
  Instant latest{};       ///< what it would show if it had not jumped; `seen` if it has not
  friend bool operator==(const KeepState&, const KeepState&) = default;
};
using Write = std::variant<KeepLetter, KeepReport, DropItem, AppendLog, AppendRegistry, KeepNode,
                           KeepPolicy, KeepQuota, KeepState>;

// What is then said, and to whom.
struct SendFrame {
  ConnectionId to;
  wire::Frame frame;
  friend bool operator==(const SendFrame&, const SendFrame&) = default;
};
/// One deliver frame of what waits under these sequences; the performer has or reads the bytes.
struct SendItems {
  ConnectionId to;
  struct Given {
    Sequence sequence = 0;
    std::optional<Leaf> leaf = std::nullopt;  ///< a letter's, where it is remembered
    friend bool operator==(const Given&, const Given&) = default;
  };
  std::vector<Given> items;
  friend bool operator==(const SendItems&, const SendItems&) = default;
};
/// One entries frame; without entries it says that there are more to ask for.
struct SendEntries {
  ConnectionId to;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  std::uint64_t size = 0;
  friend bool operator==(const SendEntries&, const SendEntries&) = default;
};
/// The proofs that a node asked for, of what is durable when they are sent; nothing if there are
/// none.
struct SendProofs {
  ConnectionId to;
  wire::Prove asked;
  friend bool operator==(const SendProofs&, const SendProofs&) = default;
};
/// After what was sent to it so far, the connection ends.
struct DropConnection {
  ConnectionId connection;
  friend bool operator==(const DropConnection&, const DropConnection&) = default;
};
/// The set of CURVE keys that ZAP admits has changed (Registry::admitted); said by settle().
struct AdmittedChanged {
  friend bool operator==(const AdmittedChanged&, const AdmittedChanged&) = default;
};
using Send =
    std::variant<SendFrame, SendItems, SendEntries, SendProofs, DropConnection, AdmittedChanged>;

struct Decision {
  std::vector<Write> writes;
  std::vector<Send> sends;
  std::vector<Denial> denials;
  friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace liaison::broker
