#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/note.h"
#include "base/time.h"
#include "broker/shell/engine.h"

namespace liaison::broker {

/// A witness that is no member of the exchange, asked by URL (c2sp.org/tlog-witness).
struct OutsideWitness {
  std::string url;     ///< scheme, host and port: "https://witness.example.org"
  std::string prefix;  ///< of the path, without '/' at its end: "/w1"; may be empty
  audit::NoteKey key;
  friend bool operator==(const OutsideWitness&, const OutsideWitness&) = default;
};
/// As a setting has it: its URL, a space, its key. Plain http is for this machine alone.
Result<OutsideWitness> parse_outside_witness(std::string_view text);
std::string encode(const OutsideWitness& witness);

/// Asks them, each on a thread of its own, which knows nothing of the broker: a witness that is
/// slow, down or hostile costs an alarm and nothing else.
class OutsideWitnesses {
 public:
  /// Between two checkpoints of the exchange that one witness is asked for.
  static constexpr Duration asked_every = std::chrono::seconds(10);
  static constexpr Duration asked_again_longest = std::chrono::minutes(5);
  /// Who has not cosigned for so long, though asked, is an alarm.
  static constexpr Duration patience = std::chrono::minutes(5);

  explicit OutsideWitnesses(std::vector<OutsideWitness> witnesses);
  ~OutsideWitnesses();
  OutsideWitnesses(const OutsideWitnesses&) = delete;
  OutsideWitnesses& operator=(const OutsideWitnesses&) = delete;

  /// For each second or so: takes what was answered, and asks for what is new; never waits.
  void look(Engine& engine, Now now);
  /// Until each question that is out has its answer, or none: for tests.
  void await_answers();

 private:
  struct Asker;
  std::vector<std::unique_ptr<Asker>> askers_;
};

}  // namespace liaison::broker
